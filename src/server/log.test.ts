import { describe, expect, test } from 'vitest'
import { Log } from './log.ts'

const NONE = { start: -1, end: -1 }

describe('Log.read()', () => {
  test('gives back the bytes of every message, across chunks of any size', () => {
    const log = new Log('log')
    // The first chunk has 64 KiB; a message larger than any chunk has one of its own.
    const sizes = [1, 0, 47, 48, 65_000, 600, 70_000, 3, 17 * 1024 * 1024, 5, 200_000]
    for (const [id, size] of sizes.entries()) {
      const bytes = Buffer.alloc(size + 8, id + 1)
      const metadata = id % 2 === 0 ? NONE : { start: size, end: size + 5 }
      expect(log.append(bytes, { start: 0, end: size }, metadata)).toBe(id)
    }
    expect(log.appended).toBe(sizes.length)

    for (const id of [...sizes.keys(), 0, 8, 3, 10, 1, 9]) {
      const { stored, start, payloadBytes, metadataBytes } = log.read(id)
      expect(payloadBytes).toBe(sizes[id])
      expect(metadataBytes).toBe(id % 2 === 0 ? 0 : 5)
      const kept = stored.bytes.subarray(start, start + payloadBytes + metadataBytes)
      expect(kept.every(byte => byte === id + 1)).toBe(true)
    }
  })

  test('throws for an id that was never appended', () => {
    const log = new Log('log')
    expect(() => log.read(0)).toThrow(RangeError)
    log.append(Buffer.of(1), { start: 0, end: 1 }, NONE)
    expect(() => log.read(1)).toThrow(RangeError)
  })

  test('copies: the bytes that were appended may change afterwards', () => {
    const log = new Log('log')
    for (const size of [10, 100]) {
      const bytes = Buffer.alloc(size, 7)
      const id = log.append(bytes, { start: 0, end: size }, NONE)
      bytes.fill(0)
      expect(log.read(id).stored.bytes[log.read(id).start]).toBe(7)
    }
  })
})

describe('Log.openGroup()', () => {
  test('gives each group the whole log, independent of the others', () => {
    const log = new Log('log')
    for (let id = 0; id < 3; id += 1) log.append(Buffer.of(id), { start: 0, end: 1 }, NONE)
    const first = log.openGroup('first', 10)
    for (let id = 0; id < 3; id += 1) {
      expect(first.acquire(1, 100, 0, log.appended)).toBe(id)
      expect(first.settle(id, 1, true, 0, log.appended)).toBe('settled')
    }
    const second = log.openGroup('second', 10)
    expect(second.settle(0, 1, true, 0, log.appended)).toBe('never-leased')
    expect(second.acquire(1, 100, 0, log.appended)).toBe(0)
    expect(log.counters(0)).toEqual({
      appended: 3,
      groups: {
        first: { pending: 0, leased: 0, processed: 3, dead: 0, expired: 0 },
        second: { pending: 2, leased: 1, processed: 0, dead: 0, expired: 0 },
      },
    })
  })

  test('throws rather than open one group too many, and knows the others still', () => {
    const log = new Log('log')
    const first = log.openGroup('first', 1)
    expect(() => log.openGroup('second', 1)).toThrow(
      expect.objectContaining({
        code: 'LIMIT_EXCEEDED',
        message: 'Cannot open another consumer group: the limit is 1 for a log',
      }),
    )
    expect(log.openGroup('first', 1)).toBe(first)
  })
})
