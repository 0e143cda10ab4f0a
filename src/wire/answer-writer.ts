import { ACQUIRE_NEXT, PRODUCE, SETTLE } from './frame.ts'
import {
  frameTemplate,
  INTEGER_BYTES_MAX,
  type OutputBuffer,
  STRING_HEAD_BYTES_MAX,
} from './output-buffer.ts'
import { Template, type ViewedBytes } from './template.ts'

/** The text of an error answer, cut to what fits. */
export const ERROR_BYTES_MAX = 256

const PRODUCED_HEAD = new Template(
  Buffer.concat([Buffer.of(0x81, 0xaa), Buffer.from('message_id')]),
)
const EMPTY = frameTemplate(
  ACQUIRE_NEXT,
  Buffer.concat([Buffer.of(0x81, 0xa7), Buffer.from('message'), Buffer.of(0xc0)]),
)
const MESSAGE_HEAD = new Template(
  Buffer.concat([
    Buffer.of(0x81, 0xa7),
    Buffer.from('message'),
    Buffer.of(0x84, 0xa2),
    Buffer.from('id'),
  ]),
)
const LOG_ID_KEY = new Template(Buffer.concat([Buffer.of(0xa6), Buffer.from('log_id')]))
const PAYLOAD_KEY = new Template(Buffer.concat([Buffer.of(0xa7), Buffer.from('payload')]))
const METADATA_KEY = new Template(Buffer.concat([Buffer.of(0xa8), Buffer.from('metadata')]))
const SETTLED = frameTemplate(
  SETTLE,
  Buffer.concat([
    Buffer.of(0x81, 0xa6),
    Buffer.from('status'),
    Buffer.of(0xa7),
    Buffer.from('settled'),
  ]),
)
const ERROR_HEAD = new Template(Buffer.concat([Buffer.of(0x81, 0xa5), Buffer.from('error')]))

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
  output.template(PRODUCED_HEAD)
  output.unsigned(messageId)
  output.endFrame()
}

export function writeEmpty(output: OutputBuffer): void {
  output.frame(EMPTY)
}

/** A message whose payload and metadata are encoded already and stand in `stored`, in this order. */
export interface StoredMessage {
  readonly stored: ViewedBytes
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
  const { stored, start, payloadBytes, metadataBytes } = message
  const payloadEnd = start + payloadBytes
  output.beginFrame(
    ACQUIRE_NEXT,
    MESSAGE_OVERHEAD_BYTES + logId.length + payloadBytes + metadataBytes,
  )
  output.template(MESSAGE_HEAD)
  output.unsigned(messageId)
  output.template(LOG_ID_KEY)
  output.text(logId)
  output.template(PAYLOAD_KEY)
  output.copy(stored, start, payloadEnd)
  output.template(METADATA_KEY)
  if (metadataBytes === 0) output.byte(NIL)
  else output.copy(stored, payloadEnd, payloadEnd + metadataBytes)
  output.endFrame()
}

export function writeSettled(output: OutputBuffer): void {
  output.frame(SETTLED)
}

/** `command` is that of the request, whatever it was. */
export function writeError(output: OutputBuffer, command: number, text: string): void {
  const utf8 = Buffer.alloc(ERROR_BYTES_MAX)
  // `write` never leaves half a character at the end.
  const length = utf8.write(text)
  output.beginFrame(command, ERROR_HEAD.length + STRING_HEAD_BYTES_MAX + length)
  output.template(ERROR_HEAD)
  output.text(utf8, 0, length)
  output.endFrame()
}
