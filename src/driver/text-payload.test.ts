import { describe, expect, test } from 'vitest'
import { decodeValue, encodeValue } from '../wire/value.ts'
import { TextPayloadReader, TextPayloadWriter, textBytesIn } from './text-payload.ts'

/** What stands in memory that nobody has written to. */
const UNTOUCHED = 0xc1

/** The payload of a message with a text of `x`, of which size or length of the text is given. */
function payloadOf(given: { readonly payloadBytes?: number; readonly textBytes?: number }): Buffer {
  const writer = new TextPayloadWriter({
    payloadBytesOf: () => given.payloadBytes ?? 0,
    textBytesOf: () => given.textBytes ?? 0,
    write: (target, offset, _sequence, textBytes) => target.fill(0x78, offset, offset + textBytes),
  })
  const bytes = writer.choose(0)
  const target = Buffer.alloc(bytes + 10, UNTOUCHED)
  expect(writer.write(target, 3)).toBe(3 + bytes)
  const around = [...target.subarray(0, 3), ...target.subarray(3 + bytes)]
  expect(new Set(around)).toEqual(new Set([UNTOUCHED]))
  return target.subarray(3, 3 + bytes)
}

describe('TextPayloadWriter', () => {
  test.each([
    { payloadBytes: 7, textBytes: 0 },
    { payloadBytes: 38, textBytes: 0x1f },
    // Not to be reached with the shortest string head, as two more below.
    { payloadBytes: 39, textBytes: 0x1f },
    { payloadBytes: 40, textBytes: 0x20 },
    { payloadBytes: 263, textBytes: 0xff },
    { payloadBytes: 264, textBytes: 0xff },
    { payloadBytes: 265, textBytes: 0x100 },
    { payloadBytes: 65_544, textBytes: 0xffff },
    { payloadBytes: 65_545, textBytes: 0xfffe },
    { payloadBytes: 65_546, textBytes: 0xffff },
    { payloadBytes: 65_547, textBytes: 0x10000 },
  ])(
    'takes exactly $payloadBytes bytes with a text of $textBytes',
    ({ payloadBytes, textBytes }) => {
      const payload = payloadOf({ payloadBytes })
      expect(payload).toHaveLength(payloadBytes)
      expect(decodeValue(payload)).toEqual({ data: 'x'.repeat(textBytes) })
      expect(textBytesIn(payloadBytes)).toBe(textBytes)
    },
  )

  test('reaches every size from 7 bytes on, and TextPayloadReader finds the text', () => {
    const reader = new TextPayloadReader()
    for (let payloadBytes = 7; payloadBytes < 600; payloadBytes += 1) {
      const payload = payloadOf({ payloadBytes })
      reader.read(payload, 0, payload.length)
      expect(payload).toHaveLength(payloadBytes)
      expect(reader.end).toBe(payloadBytes)
      expect(reader.end - reader.start).toBe(textBytesIn(payloadBytes))
      expect(payload.toString('latin1', reader.start)).toBe('x'.repeat(textBytesIn(payloadBytes)))
    }
  })

  test.each([0, 0x1f, 0x20, 0xff, 0x100, 0xffff, 0x10000])(
    'writes a text of %i bytes in its shortest form where the size is free',
    textBytes => {
      const shortest = Buffer.from(encodeValue({ data: 'x'.repeat(textBytes) }))
      expect(payloadOf({ textBytes }).equals(shortest)).toBe(true)
    },
  )
})

test('TextPayloadReader.read() finds the text in any encoding', () => {
  const encodings = [
    '81a464617461a3787979',
    'de0001d90464617461d903787979',
    'df00000001da000464617461db00000003787979',
  ]
  for (const hex of encodings) {
    const bytes = Buffer.from(`c1${hex}c1`, 'hex')
    const reader = new TextPayloadReader()
    reader.read(bytes, 1, bytes.length - 1)
    expect(bytes.toString('latin1', reader.start, reader.end), hex).toBe('xyy')
  }
})
