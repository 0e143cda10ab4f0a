import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { payloadBytesMin } from '../config/scenario.ts'
import { TextPayloadReader, TextPayloadWriter, textBytesIn } from '../driver/text-payload.ts'
import { type Assignment, firstMessageOf, messagesOf } from '../ledger/assignment.ts'
import { CORRUPTED, IdentityReader, IdentityWriter, UNKNOWN } from './identity.ts'
import { PayloadSizes } from './payload-sizes.ts'

const ASSIGNMENT = { producers: 12, msgs: 1234 }
/** What a payload takes beyond a text of up to 31 bytes. */
const OVERHEAD_BYTES = 7
const SEED = 3
const DOT = 0x2e

function sizesOf(min: number | undefined, max = min): PayloadSizes {
  const bytes = min === undefined || max === undefined ? undefined : { min, max }
  return new PayloadSizes(bytes, SEED)
}

function read(text: string, textBytes?: number): number {
  // With other bytes around it, as in the buffer of a read.
  const bytes = Buffer.from(`9${text}9`)
  const sizes = sizesOf(textBytes && textBytes + OVERHEAD_BYTES)
  return new IdentityReader(ASSIGNMENT, sizes).read(bytes, 1, bytes.length - 1)
}

/** The payload that a producer makes of a message, and where its text is. */
function payloadOf(producer: number, sequence: number, sizes: PayloadSizes) {
  const writer = new TextPayloadWriter(new IdentityWriter(producer, sizes))
  const bytes = Buffer.alloc(writer.choose(sequence))
  writer.write(bytes, 0)
  const reader = new TextPayloadReader()
  reader.read(bytes, 0, bytes.length)
  return { bytes, start: reader.start, end: reader.end }
}

const messages = fc
  .record({
    producers: fc.integer({ min: 1, max: 2000 }),
    msgs: fc.integer({ min: 1, max: 1e8 }),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  .map(({ producers, msgs, at }) => {
    const assignment = { producers: Math.min(producers, msgs), msgs }
    const producer = Math.floor(at * assignment.producers)
    const sequence = Math.floor(at * messagesOf(assignment, producer))
    return { assignment, producer, sequence }
  })

/** Sizes that hold any identity of the assignment. */
function sizesFor(assignment: Assignment, wider: number, span: number, seed: number): PayloadSizes {
  const min = payloadBytesMin({ ...assignment, warmupMsgs: 0 }) + wider
  return new PayloadSizes({ min, max: min + span }, seed)
}

describe('IdentityReader.read() returns', () => {
  test.each([
    { min: undefined, max: undefined },
    { min: 24, max: 24 },
    { min: 38, max: 38 },
    { min: 39, max: 39 },
    { min: 307, max: 307 },
    { min: 24, max: 300 },
  ])(
    'the number of every message that IdentityWriter wrote in $min to $max bytes',
    ({ min, max }) => {
      const sizes = sizesOf(min, max)
      const reader = new IdentityReader(ASSIGNMENT, sizes)
      for (let producer = 0; producer < ASSIGNMENT.producers; producer += 1) {
        for (let sequence = 0; sequence < messagesOf(ASSIGNMENT, producer); sequence += 1) {
          const { bytes, start, end } = payloadOf(producer, sequence, sizes)
          const message = firstMessageOf(ASSIGNMENT, producer) + sequence
          expect(reader.read(bytes, start, end)).toBe(message)
          const text = `bench-${producer}-${sequence}`
          if (min === undefined) expect(bytes).toHaveLength(OVERHEAD_BYTES + text.length)
          else expect(bytes).toHaveLength(sizes.of(producer, sequence))
          const length = min === undefined ? text.length : textBytesIn(bytes.length)
          expect(bytes.toString('latin1', start, end)).toBe(text.padEnd(length, '.'))
        }
      }
    },
  )

  test('the number of any message in any size, and another value with a byte changed, more or less', () => {
    const options = fc.record({
      message: messages,
      wider: fc.oneof(fc.nat(200), fc.nat(70_000)),
      span: fc.oneof(fc.constant(0), fc.nat(70_000)),
      seed: fc.nat(),
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    })
    fc.assert(
      fc.property(options, ({ message, wider, span, seed, at }) => {
        const { assignment, producer, sequence } = message
        const sizes = sizesFor(assignment, wider, span, seed)
        const reader = new IdentityReader(assignment, sizes)
        const { bytes, start, end } = payloadOf(producer, sequence, sizes)
        const changed = Math.floor(at * bytes.length)
        expect(bytes).toHaveLength(sizes.of(producer, sequence))
        const number = firstMessageOf(assignment, producer) + sequence
        expect(reader.read(bytes, start, end)).toBe(number)
        const right = bytes[changed]
        if (changed >= start) {
          bytes[changed] = (right ?? 0) ^ (1 << (seed % 8))
          expect(reader.read(bytes, start, end)).not.toBe(number)
          if (right === DOT) expect(reader.read(bytes, start, end)).toBe(CORRUPTED)
          bytes[changed] = right ?? 0
        }
        const longer = Buffer.concat([bytes.subarray(start, end), Buffer.from('.')])
        expect(reader.read(longer, 0, longer.length)).toBe(CORRUPTED)
        const shorter = reader.read(bytes, start, end - 1)
        // Without padding, its last digit is gone: that of another message, if of any.
        expect(shorter).not.toBe(number)
        if (bytes[end - 1] === DOT) expect(shorter).toBe(CORRUPTED)
      }),
    )
  })

  test('CORRUPTED for the text of one message in the length of another', () => {
    const sizes = sizesOf(30, 300)
    const reader = new IdentityReader(ASSIGNMENT, sizes)
    const lengths = [0, 1, 2, 3].map(sequence => textBytesIn(sizes.of(0, sequence)))
    expect(new Set(lengths).size, 'the lengths differ').toBe(4)
    for (const sequence of lengths.keys()) {
      const read = lengths.map(length => {
        const text = Buffer.from(`bench-0-${sequence}`.padEnd(length, '.'))
        return reader.read(text, 0, text.length)
      })
      expect(read).toEqual(lengths.map((_, of) => (of === sequence ? sequence : CORRUPTED)))
    }
  })

  test.each([
    '',
    'bench',
    'bench-',
    'Bench-0-1',
    'bench_0-1',
    'bench-0',
    'bench-0-',
    'bench--1',
    'bench-0_1',
    'bench-0-1 ',
    'bench-0-1.',
    'bench-0-01',
    'bench-00-1',
    'bench-0-+1',
    'bench-0--1',
    'bench-0-1e1',
    'bench-0-x',
    // More digits than a number holds exactly.
    'bench-0-1000000000000001',
    `bench-0-${'9'.repeat(400)}`,
  ])('CORRUPTED for %j', text => {
    expect(read(text)).toBe(CORRUPTED)
  })

  test.each(['bench-12-0', 'bench-0-103', 'bench-11-102', 'bench-0-999999999999999'])(
    'UNKNOWN for %j, which is written well and names no message',
    text => {
      expect(read(text)).toBe(UNKNOWN)
    },
  )

  test.each([
    { text: 'bench-0-1.......', expected: 1 },
    { text: 'bench-0-1......,', expected: CORRUPTED },
    { text: 'bench-0-1,......', expected: CORRUPTED },
    { text: 'bench-0-1......', expected: CORRUPTED },
    { text: 'bench-0-1........', expected: CORRUPTED },
    { text: 'bench-0-103.....', expected: UNKNOWN },
    { text: 'bench-0-103....,', expected: CORRUPTED },
  ])('$expected for $text in 16 bytes', ({ text, expected }) => {
    expect(read(text, 16)).toBe(expected)
  })

  test('another value than the right one for every byte that is changed', () => {
    const text = 'bench-3-21....'
    const right = read(text, text.length)
    for (let at = 0; at < text.length; at += 1) {
      for (const byte of '09.-xb \0') {
        const changed = text.slice(0, at) + byte + text.slice(at + 1)
        if (changed !== text) expect(read(changed, text.length), changed).not.toBe(right)
      }
    }
  })
})
