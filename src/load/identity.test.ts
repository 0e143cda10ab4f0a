import { describe, expect, test } from 'vitest'
import { firstMessageOf, messagesOf } from '../ledger/assignment.ts'
import { CORRUPTED, IdentityReader, IdentityWriter, UNKNOWN } from './identity.ts'

const ASSIGNMENT = { producers: 12, msgs: 1234 }

function read(text: string, textBytes?: number): number {
  // With other bytes around it, as in the buffer of a read.
  const bytes = Buffer.from(`9${text}9`)
  return new IdentityReader(ASSIGNMENT, textBytes).read(bytes, 1, bytes.length - 1)
}

describe('IdentityReader.read() returns', () => {
  test.each([undefined, 17, 31, 300])(
    'the number of every message that IdentityWriter wrote in %s bytes',
    textBytes => {
      const reader = new IdentityReader(ASSIGNMENT, textBytes)
      const bytes = Buffer.alloc(400, 0xff)
      for (let producer = 0; producer < ASSIGNMENT.producers; producer += 1) {
        const writer = new IdentityWriter(producer, textBytes)
        for (let sequence = 0; sequence < messagesOf(ASSIGNMENT, producer); sequence += 1) {
          writer.write(bytes, 50, sequence)
          const end = 50 + writer.bytesOf(sequence)
          const message = firstMessageOf(ASSIGNMENT, producer) + sequence
          expect(reader.read(bytes, 50, end)).toBe(message)
          expect(bytes[49]).toBe(0xff)
          expect(bytes[end]).toBe(0xff)
          bytes.fill(0xff, 50, end)
        }
      }
    },
  )

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
