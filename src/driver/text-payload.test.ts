import { expect, test } from 'vitest'
import { decodeValue } from '../wire/value.ts'
import {
  payloadTextBytes,
  TextPayloadReader,
  textFor,
  writeTextPayloadHead,
} from './text-payload.ts'

test('textFor() reaches every payload size with exactly one text and head', () => {
  const sizes = [
    ...Array.from({ length: 400 }, (_, at) => at + 7),
    65_540,
    65_544,
    65_545,
    65_546,
    65_547,
  ]
  for (const payloadBytes of sizes) {
    const { textBytes, headBytes } = textFor(payloadBytes)
    const target = Buffer.alloc(payloadBytes + 10, 0xc1)
    const start = writeTextPayloadHead(target, 0, textBytes, headBytes)
    target.fill('x', start, start + textBytes)
    expect(start + textBytes, `of ${payloadBytes} bytes`).toBe(payloadBytes)
    const payload = target.subarray(0, payloadBytes)
    expect(decodeValue(payload)).toEqual({ data: 'x'.repeat(textBytes) })

    const reader = new TextPayloadReader()
    reader.read(target, 0, payloadBytes)
    expect([reader.start, reader.end]).toEqual([start, payloadBytes])
  }
})

test('payloadTextBytes() leaves the size open where it was left open', () => {
  expect(payloadTextBytes(undefined)).toBeUndefined()
  expect(payloadTextBytes(7)).toBe(0)
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
