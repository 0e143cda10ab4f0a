import { ACQUIRE_NEXT, PRODUCE, SETTLE } from './frame.ts'
import { INTEGER_BYTES_MAX, type OutputBuffer, STRING_HEAD_BYTES_MAX } from './output-buffer.ts'

/** The text of an error answer, cut to what fits. */
export const ERROR_BYTES_MAX = 256

const PRODUCED_HEAD = Buffer.concat([Buffer.of(0x81, 0xaa), Buffer.from('message_id')])
const EMPTY_BODY = Buffer.concat([Buffer.of(0x81, 0xa7), Buffer.from('message'), Buffer.of(0xc0)])
const MESSAGE_HEAD = Buffer.concat([
  Buffer.of(0x81, 0xa7),
  Buffer.from('message'),
  Buffer.of(0x84, 0xa2),
  Buffer.from('id'),
])
const LOG_ID_KEY = Buffer.concat([Buffer.of(0xa6), Buffer.from('log_id')])
const PAYLOAD_KEY = Buffer.concat([Buffer.of(0xa7), Buffer.from('payload')])
const METADATA_KEY = Buffer.concat([Buffer.of(0xa8), Buffer.from('metadata')])
const SETTLED_BODY = Buffer.concat([
  Buffer.of(0x81, 0xa6),
  Buffer.from('status'),
  Buffer.of(0xa7),
  Buffer.from('settled'),
])
const ERROR_HEAD = Buffer.concat([Buffer.of(0x81, 0xa5), Buffer.from('error')])

const NIL = 0xc0

/** Bytes of an ACQUIRE_NEXT body beyond log id, payload and metadata, at most. */
export const MESSAGE_OVERHEAD_BYTES =
  MESSAGE_HEAD.length +
  INTEGER_BYTES_MAX +
  LOG_ID_KEY.length +
  STRING_HEAD_BYTES_MAX +
  PAYLOAD_KEY.length +
  METADATA_KEY.length +
  1

export function writeProduced(output: OutputBuffer, messageId: number): void {
  output.beginFrame(PRODUCE, PRODUCED_HEAD.length + INTEGER_BYTES_MAX)
  output.raw(PRODUCED_HEAD)
  output.unsigned(messageId)
  output.endFrame()
}

export function writeEmpty(output: OutputBuffer): void {
  output.beginFrame(ACQUIRE_NEXT, EMPTY_BODY.length)
  output.raw(EMPTY_BODY)
  output.endFrame()
}

/** A message whose payload and metadata are encoded already and stand in `bytes`, in this order. */
export interface StoredMessage {
  readonly bytes: Uint8Array
  readonly start: number
  readonly payloadBytes: number
  /** 0 when the message has none, which is answered as nil. */
  readonly metadataBytes: number
}

export function writeMessage(
  output: OutputBuffer,
  messageId: number,
  logId: Uint8Array,
  message: StoredMessage,
): void {
  const { bytes, start, payloadBytes, metadataBytes } = message
  const payloadEnd = start + payloadBytes
  output.beginFrame(
    ACQUIRE_NEXT,
    MESSAGE_OVERHEAD_BYTES + logId.length + payloadBytes + metadataBytes,
  )
  output.raw(MESSAGE_HEAD)
  output.unsigned(messageId)
  output.raw(LOG_ID_KEY)
  output.text(logId)
  output.raw(PAYLOAD_KEY)
  output.raw(bytes, start, payloadEnd)
  output.raw(METADATA_KEY)
  if (metadataBytes === 0) output.byte(NIL)
  else output.raw(bytes, payloadEnd, payloadEnd + metadataBytes)
  output.endFrame()
}

export function writeSettled(output: OutputBuffer): void {
  output.beginFrame(SETTLE, SETTLED_BODY.length)
  output.raw(SETTLED_BODY)
  output.endFrame()
}

/** `command` is that of the request, whatever it was. */
export function writeError(output: OutputBuffer, command: number, text: string): void {
  const utf8 = Buffer.alloc(ERROR_BYTES_MAX)
  // `write` never leaves half a character at the end.
  const length = utf8.write(text)
  output.beginFrame(command, ERROR_HEAD.length + STRING_HEAD_BYTES_MAX + length)
  output.raw(ERROR_HEAD)
  output.text(utf8, 0, length)
  output.endFrame()
}
