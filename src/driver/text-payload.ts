import { writeStringHead } from '../wire/output-buffer.ts'
import { MessagePackReader } from '../wire/reader.ts'

const KEY = Buffer.from('data')
/** A map of one pair, then its key: `{"data": …}`. */
const HEAD = Buffer.concat([Buffer.of(0x81, 0xa4), KEY])
const STRING_HEAD_BYTES_MAX = 5

/** Bytes that a payload `{"data": "<text>"}` takes at most beyond its text. */
export const TEXT_PAYLOAD_OVERHEAD_BYTES = HEAD.length + STRING_HEAD_BYTES_MAX

/**
 * Lengths of text whose payload takes exactly `payloadBytes`, and the string head that makes it
 * so. Between two string forms the longer one is used for a text that would fit the shorter.
 */
export function textFor(payloadBytes: number): {
  readonly textBytes: number
  readonly headBytes: number
} {
  const afterKey = payloadBytes - HEAD.length
  for (const [headBytes, textBytesMax] of [
    [1, 0x1f],
    [2, 0xff],
    [3, 0xffff],
  ] as const) {
    if (afterKey - headBytes <= textBytesMax) return { textBytes: afterKey - headBytes, headBytes }
  }
  return { textBytes: afterKey - STRING_HEAD_BYTES_MAX, headBytes: STRING_HEAD_BYTES_MAX }
}

/** Length of the text of a payload of `payloadBytes`; `undefined` where the size is left open. */
export function payloadTextBytes(payloadBytes: number | undefined): number | undefined {
  return payloadBytes === undefined ? undefined : textFor(payloadBytes).textBytes
}

/** Writes everything before the text; returns where the text begins. 0 takes the shortest head. */
export function writeTextPayloadHead(
  target: Buffer,
  offset: number,
  textBytes: number,
  headBytes = 0,
): number {
  let at = offset
  for (const byte of HEAD) {
    target[at] = byte
    at += 1
  }
  switch (headBytes) {
    case 2:
      target[at] = 0xd9
      return target.writeUInt8(textBytes, at + 1)
    case 3:
      target[at] = 0xda
      return target.writeUInt16BE(textBytes, at + 1)
    case STRING_HEAD_BYTES_MAX:
      target[at] = 0xdb
      return target.writeUInt32BE(textBytes, at + 1)
    default:
      return writeStringHead(target, at, textBytes)
  }
}

/** Finds the text of a payload in any encoding of `{"data": "<text>"}`. */
export class TextPayloadReader {
  readonly #reader = new MessagePackReader()
  /** -1 when the payload read last is something else. */
  start = -1
  end = -1

  read(bytes: Buffer, start: number, end: number): void {
    const reader = this.#reader
    this.start = -1
    reader.reset(bytes, start, end)
    if (!reader.peekIsMap() || reader.readMapSize() !== 1 || !reader.peekIsString()) return
    reader.readString()
    if (!reader.stringIs(KEY) || !reader.peekIsString()) return
    reader.readString()
    this.start = reader.stringStart
    this.end = reader.stringEnd
  }
}
