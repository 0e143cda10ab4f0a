import { BenchError } from '../errors.ts'
import {
  ACQUIRE_NEXT,
  FRAME_HEADER_BYTES,
  FRAME_LENGTH_MAX,
  LENGTH_FIELD_BYTES,
  PRODUCE,
  SETTLE,
} from './frame.ts'
import {
  frameTemplate,
  INTEGER_BYTES_MAX,
  type OutputBuffer,
  STRING_HEAD_BYTES_MAX,
  writeStringHead,
} from './output-buffer.ts'
import { ID_BYTES_MAX, LEASE_SECONDS_MAX, LEASE_SECONDS_MIN } from './request-reader.ts'
import { Template } from './template.ts'

const TRUE = 0xc3
const FALSE = 0xc2
const NIL = 0xc0

/**
 * Writes the PRODUCE requests of one log. Two requests of a log differ in payload and metadata
 * only, so everything before the payload is encoded once.
 */
export class ProduceWriter {
  readonly #head: Template

  constructor(logId: string) {
    this.#head = new Template(
      Buffer.concat([Buffer.of(0x83), key('log_id'), id('log_id', logId), key('payload')]),
    )
  }

  /**
   * Throws `FRAME_TOO_LARGE` for a message that no server may accept: sending it would cost the
   * connection, with everything else that is open on it.
   */
  checkFrame(payloadBytes: number, metadataBytes = 1): void {
    const bodyBytes = this.#head.length + payloadBytes + METADATA_KEY.length + metadataBytes
    const length = FRAME_HEADER_BYTES - LENGTH_FIELD_BYTES + bodyBytes
    if (length > FRAME_LENGTH_MAX) {
      const message = `Cannot send a frame of ${length} bytes: the limit is ${FRAME_LENGTH_MAX}`
      throw new BenchError('FRAME_TOO_LARGE', message)
    }
  }

  /**
   * `writePayload` puts at most `payloadBytesMax` bytes of one MessagePack value at the offset it
   * is given and returns its end; `metadata` is one encoded map, or absent for nil.
   */
  write(
    output: OutputBuffer,
    payloadBytesMax: number,
    writePayload: (target: Buffer, offset: number) => number,
    metadata?: Uint8Array,
  ): void {
    const metadataBytes = metadata?.length ?? 1
    output.beginFrame(
      PRODUCE,
      this.#head.length + payloadBytesMax + METADATA_KEY.length + metadataBytes,
    )
    output.template(this.#head)
    output.fill(writePayload)
    if (metadata === undefined) {
      output.template(NO_METADATA)
    } else {
      output.template(METADATA_KEY)
      output.raw(metadata)
    }
    output.endFrame()
  }
}

export interface ConsumerIdentity {
  readonly logId: string
  readonly groupId: string
  readonly clientId: string
}

/** Writes the ACQUIRE_NEXT and SETTLE requests of one consumer, encoded once as far as they agree. */
export class ConsumerWriter {
  readonly #acquire: Template
  readonly #settleHead: Template
  readonly #successTail: Template
  readonly #failureTail: Template

  constructor(identity: ConsumerIdentity, leaseSeconds: number) {
    if (!(leaseSeconds >= LEASE_SECONDS_MIN && leaseSeconds <= LEASE_SECONDS_MAX)) {
      const message = `Cannot lease for ${leaseSeconds} seconds: it must be ${LEASE_SECONDS_MIN} to ${LEASE_SECONDS_MAX}`
      throw new BenchError('REQUEST_INVALID', message)
    }
    const ids = Buffer.concat([
      key('log_id'),
      id('log_id', identity.logId),
      key('group_id'),
      id('group_id', identity.groupId),
    ])
    const client = Buffer.concat([key('client_id'), id('client_id', identity.clientId)])
    const duration = Buffer.alloc(9, 0xcb)
    duration.writeDoubleBE(leaseSeconds, 1)
    const acquire = Buffer.concat([Buffer.of(0x84), ids, client, key('duration'), duration])
    this.#acquire = frameTemplate(ACQUIRE_NEXT, acquire)
    this.#settleHead = new Template(Buffer.concat([Buffer.of(0x85), ids, key('message_id')]))
    const tail = (success: number) =>
      new Template(Buffer.concat([client, key('success'), Buffer.of(success)]))
    this.#successTail = tail(TRUE)
    this.#failureTail = tail(FALSE)
  }

  acquire(output: OutputBuffer): void {
    output.frame(this.#acquire)
  }

  settle(output: OutputBuffer, messageId: number, success: boolean): void {
    const tail = success ? this.#successTail : this.#failureTail
    output.beginFrame(SETTLE, this.#settleHead.length + INTEGER_BYTES_MAX + tail.length)
    output.template(this.#settleHead)
    output.unsigned(messageId)
    output.template(tail)
    output.endFrame()
  }
}

const METADATA_KEY = new Template(key('metadata'))
const NO_METADATA = new Template(Buffer.concat([key('metadata'), Buffer.of(NIL)]))

function key(name: string): Buffer {
  return string(name)
}

function id(name: string, value: string): Buffer {
  const bytes = Buffer.byteLength(value)
  if (bytes === 0 || bytes > ID_BYTES_MAX) {
    const message = `Cannot use a ${name} of ${bytes} bytes: it must have 1 to ${ID_BYTES_MAX}`
    throw new BenchError('REQUEST_INVALID', message)
  }
  return string(value)
}

function string(text: string): Buffer {
  const utf8 = Buffer.from(text)
  const encoded = Buffer.alloc(STRING_HEAD_BYTES_MAX + utf8.length)
  const start = writeStringHead(encoded, 0, utf8.length)
  return encoded.subarray(0, start + utf8.copy(encoded, start))
}
