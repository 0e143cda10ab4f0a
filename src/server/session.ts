import { BenchError } from '../errors.ts'
import {
  MESSAGE_OVERHEAD_BYTES,
  writeEmpty,
  writeError,
  writeMessage,
  writeProduced,
  writeSettled,
} from '../wire/answer-writer.ts'
import {
  ACQUIRE_NEXT,
  FRAME_HEADER_BYTES,
  FrameDecoder,
  FrameError,
  LENGTH_FIELD_BYTES,
  PRODUCE,
  SETTLE,
} from '../wire/frame.ts'
import { OutputBuffer } from '../wire/output-buffer.ts'
import { RequestReader } from '../wire/request-reader.ts'
import { type Broker, decodeId, type RefusalKind } from './broker.ts'
import type { Group, SettleOutcome } from './group.ts'
import { KnownId } from './known-id.ts'
import type { Log } from './log.ts'

/** What a session does with its answers; `close` ends the connection after what was written. */
export interface SessionTransport {
  /** Returns whether the bytes have left already; else it keeps them, and they stay as they are. */
  write(bytes: Buffer): boolean
  /** Bytes written that the client has not taken; `Session.resume` must follow when it has. */
  readonly unreadBytes: number
  close(): void
}

const SETTLE_REFUSALS: Readonly<Record<Exclude<SettleOutcome, 'settled'>, string>> = {
  'not-owner': 'Client does not own the lease for this message',
  'never-produced': 'Cannot settle the message: it was never produced',
  'never-leased': 'Cannot settle the message: it was never leased in this group',
  final: 'Cannot settle the message: it is processed or dead already',
}

/** Sessions write all they have to say before another one has its turn. */
const OUTPUT = new OutputBuffer()

/**
 * One client connection: requests in, one answer each, in order. Time and transport are passed in;
 * the answers to one chunk leave in one write.
 */
export class Session {
  readonly #broker: Broker
  readonly #transport: SessionTransport
  readonly #decoder: FrameDecoder
  readonly #request = new RequestReader()
  readonly #log = new KnownId<Log>()
  readonly #group = new KnownId<Group>()
  readonly #client = new KnownId<number>()
  /** The log that `#group` belongs to: group ids repeat across logs. */
  #groupLog: Log | undefined
  #nowNs = 0
  /** Answers that may still be made before the client has to take some. */
  #roomBytes = 0
  #closed = false

  constructor(broker: Broker, transport: SessionTransport) {
    this.#broker = broker
    this.#transport = transport
    const handle = this.#handle.bind(this)
    this.#decoder = new FrameDecoder(handle, { lengthMax: broker.limits.frameLengthMax })
  }

  /**
   * Whether requests wait because the client does not take their answers: nothing more should be
   * read from it until `resume`.
   */
  get isPaused(): boolean {
    return this.#decoder.isPaused && !this.#closed
  }

  /** Keeps a part of `chunk` when it has to pause. */
  receive(chunk: Buffer, nowNs: number): void {
    if (this.#closed) return
    this.#begin(nowNs)
    try {
      this.#decoder.push(chunk)
    } catch (thrown) {
      this.#breakOff(BenchError.from(thrown))
    }
    this.#end()
    if (this.isPaused) this.resume(nowNs)
  }

  /** Answers what waited, as far as the client has taken earlier answers. */
  resume(nowNs: number): void {
    while (this.isPaused && this.#transport.unreadBytes <= this.#broker.limits.unreadBytesMax) {
      this.#begin(nowNs)
      try {
        this.#decoder.resume()
      } catch (thrown) {
        this.#breakOff(BenchError.from(thrown))
      }
      this.#end()
    }
  }

  #begin(nowNs: number): void {
    this.#nowNs = nowNs
    this.#roomBytes = this.#broker.limits.unreadBytesMax - this.#transport.unreadBytes
  }

  #end(): void {
    if (OUTPUT.pendingBytes > 0) OUTPUT.send(this.#transport)
    if (this.#closed) this.#transport.close()
  }

  /** The stream cannot be read on: an error answer where the command is known, then the end. */
  #breakOff(error: BenchError): void {
    this.#closed = true
    this.#broker.countRefusal('broken-frame')
    const command = error instanceof FrameError ? error.command : undefined
    if (command !== undefined) writeError(OUTPUT, command, error.message)
  }

  #handle(command: number, bytes: Buffer, start: number, end: number): void {
    try {
      this.#request.read(command, bytes, start, end)
      this.#answer(command, bytes)
    } catch (thrown) {
      const error = BenchError.from(thrown)
      switch (error.code) {
        case 'MESSAGEPACK_INVALID':
          throw new FrameError('MESSAGEPACK_INVALID', error.message, command)
        case 'REQUEST_INVALID':
          this.#refuse(command, 'invalid-request', error.message)
          break
        case 'LIMIT_EXCEEDED':
          this.#refuse(command, 'limit', error.message)
          break
        default:
          throw thrown
      }
    }
    // Within a chunk, not behind it: small requests can ask for answers of 10 MiB each.
    if (OUTPUT.pendingBytes > this.#roomBytes) this.#decoder.pause()
  }

  #answer(command: number, bytes: Buffer): void {
    switch (command) {
      case PRODUCE:
        return this.#produce(bytes)
      case ACQUIRE_NEXT:
        return this.#acquire(bytes)
      case SETTLE:
        return this.#settle(bytes)
      default:
        return this.#refuse(command, 'unknown-command', `Unknown command: ${command}`)
    }
  }

  #produce(bytes: Buffer): void {
    const { logId, payload, metadata } = this.#request
    const metadataBytes = metadata.start < 0 ? 1 : metadata.end - metadata.start
    const answerBytes =
      FRAME_HEADER_BYTES -
      LENGTH_FIELD_BYTES +
      MESSAGE_OVERHEAD_BYTES +
      (logId.end - logId.start) +
      (payload.end - payload.start) +
      metadataBytes
    if (answerBytes > this.#broker.limits.frameLengthMax) {
      const message = `Cannot store the message: answering it would take a frame of ${answerBytes} bytes, over the limit of ${this.#broker.limits.frameLengthMax}`
      return this.#refuse(PRODUCE, 'limit', message)
    }
    const log =
      this.#log.find(bytes, logId) ??
      this.#log.remember(bytes, logId, this.#broker.openLog(decodeId(bytes, logId)))
    writeProduced(OUTPUT, this.#broker.append(log, bytes, payload, metadata))
  }

  #acquire(bytes: Buffer): void {
    const log = this.#findLog(bytes)
    const client = this.#findClient(bytes)
    if (log === undefined) return writeEmpty(OUTPUT)
    const group =
      this.#findGroup(log, bytes) ??
      this.#rememberGroup(
        log,
        bytes,
        log.openGroup(decodeId(bytes, this.#request.groupId), this.#broker.limits.groupsPerLogMax),
      )
    const leaseNs = this.#request.leaseSeconds * 1e9
    const messageId = group.acquire(client, leaseNs, this.#nowNs, log.appended)
    if (messageId < 0) return writeEmpty(OUTPUT)
    writeMessage(OUTPUT, messageId, log.idBytes, log.read(messageId))
  }

  #settle(bytes: Buffer): void {
    const { messageId, success } = this.#request
    const log = this.#findLog(bytes)
    const client = this.#findClient(bytes)
    const outcome = this.#settleOutcome(log, bytes, messageId, client, success === true)
    if (outcome === 'settled') return writeSettled(OUTPUT)
    this.#refuse(SETTLE, outcome, SETTLE_REFUSALS[outcome])
  }

  #settleOutcome(
    log: Log | undefined,
    bytes: Buffer,
    messageId: number,
    client: number,
    success: boolean,
  ): SettleOutcome {
    if (log === undefined || messageId >= log.appended) return 'never-produced'
    const group = this.#findGroup(log, bytes)
    if (group === undefined) return 'never-leased'
    return group.settle(messageId, client, success, this.#nowNs, log.appended)
  }

  #findLog(bytes: Buffer): Log | undefined {
    const { logId } = this.#request
    const known = this.#log.find(bytes, logId)
    if (known !== undefined) return known
    const found = this.#broker.log(decodeId(bytes, logId))
    return found === undefined ? undefined : this.#log.remember(bytes, logId, found)
  }

  #findGroup(log: Log, bytes: Buffer): Group | undefined {
    const { groupId } = this.#request
    const known = this.#groupLog === log ? this.#group.find(bytes, groupId) : undefined
    if (known !== undefined) return known
    const found = log.group(decodeId(bytes, groupId))
    return found === undefined ? undefined : this.#rememberGroup(log, bytes, found)
  }

  #rememberGroup(log: Log, bytes: Buffer, group: Group): Group {
    this.#groupLog = log
    return this.#group.remember(bytes, this.#request.groupId, group)
  }

  #findClient(bytes: Buffer): number {
    const { clientId } = this.#request
    return (
      this.#client.find(bytes, clientId) ??
      this.#client.remember(bytes, clientId, this.#broker.clientNumber(decodeId(bytes, clientId)))
    )
  }

  #refuse(command: number, kind: RefusalKind, text: string): void {
    this.#broker.countRefusal(kind)
    writeError(OUTPUT, command, text)
  }
}
