import { MessagePackReader } from '../wire/reader.ts'
import type { TextWriter } from './driver.ts'

const KEY = Buffer.from('data')
/** A map of one pair, then its key: `{"data": …}`. */
const HEAD = Buffer.concat([Buffer.of(0x81, 0xa4), KEY])
const HEAD_BYTES = HEAD.length

/** Writes the payload `{"data": "<text>"}` of one message after the other. */
export class TextPayloadWriter {
  readonly #text: TextWriter
  #sequence = 0
  #textBytes = 0
  #headBytes = 0

  constructor(text: TextWriter) {
    this.#text = text
  }

  /** Makes `sequence` the message that `write` writes; returns how many bytes it will write. */
  choose(sequence: number): number {
    this.#sequence = sequence
    const payloadBytes = this.#text.payloadBytesOf(sequence)
    if (payloadBytes === 0) {
      this.#textBytes = this.#text.textBytesOf(sequence)
      this.#headBytes = shortestHeadBytes(this.#textBytes)
      return HEAD_BYTES + this.#headBytes + this.#textBytes
    }
    this.#headBytes = headBytesIn(payloadBytes)
    this.#textBytes = payloadBytes - HEAD_BYTES - this.#headBytes
    return payloadBytes
  }

  /** Returns the end of the payload. */
  readonly write = (target: Buffer, offset: number): number => {
    const textBytes = this.#textBytes
    let at = offset
    for (let index = 0; index < HEAD_BYTES; index += 1) {
      target[at] = HEAD[index] ?? 0
      at += 1
    }
    at = writeStringHead(target, at, textBytes, this.#headBytes)
    this.#text.write(target, at, this.#sequence, textBytes)
    return at + textBytes
  }
}

/** Length of the text in a payload of exactly `payloadBytes`, which are at least 7. */
export function textBytesIn(payloadBytes: number): number {
  return payloadBytes - HEAD_BYTES - headBytesIn(payloadBytes)
}

/**
 * Length of the string head that makes a payload take exactly `payloadBytes`. Between two string
 * forms it is the longer one, of a text that would fit the shorter.
 */
function headBytesIn(payloadBytes: number): number {
  const stringBytes = payloadBytes - HEAD_BYTES
  if (stringBytes <= 1 + 0x1f) return 1
  if (stringBytes <= 2 + 0xff) return 2
  return stringBytes <= 3 + 0xffff ? 3 : 5
}

function shortestHeadBytes(textBytes: number): number {
  if (textBytes <= 0x1f) return 1
  if (textBytes <= 0xff) return 2
  return textBytes <= 0xffff ? 3 : 5
}

function writeStringHead(
  target: Buffer,
  offset: number,
  textBytes: number,
  headBytes: number,
): number {
  switch (headBytes) {
    case 1:
      target[offset] = 0xa0 | textBytes
      return offset + 1
    case 2:
      target[offset] = 0xd9
      return target.writeUInt8(textBytes, offset + 1)
    case 3:
      target[offset] = 0xda
      return target.writeUInt16BE(textBytes, offset + 1)
    default:
      target[offset] = 0xdb
      return target.writeUInt32BE(textBytes, offset + 1)
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
