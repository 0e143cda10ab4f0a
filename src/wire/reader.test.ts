import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyForeignValue } from '../testing/foreign-arbitrary.ts'
import { encodeForeign } from '../testing/foreign-encoding.ts'
import { DEPTH_MAX, MessagePackReader } from './reader.ts'

const INVALID = expect.objectContaining({ code: 'MESSAGEPACK_INVALID' })

describe('MessagePackReader.skip()', () => {
  test('ends exactly at the end of any value in any encoding', () => {
    fc.assert(
      fc.property(anyForeignValue, fc.infiniteStream(fc.nat(20)), (value, forms) => {
        const encoded = encodeForeign(value, count => forms.next().value % count)
        // What stands around the value must not matter.
        const bytes = Buffer.concat([Buffer.of(0xc1), encoded, Buffer.of(0xc1)])
        const reader = readerOf(bytes, 1, bytes.length)
        reader.skip()
        expect(reader.offset).toBe(1 + encoded.length)
      }),
    )
  })

  test('refuses any value that is cut short, at every byte', () => {
    fc.assert(
      fc.property(anyForeignValue, fc.infiniteStream(fc.nat(20)), (value, forms) => {
        const encoded = encodeForeign(value, count => forms.next().value % count)
        for (let end = 0; end < encoded.length; end += 1) {
          expect(() => readerOf(encoded, 0, end).skip()).toThrow(INVALID)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('never crashes or hangs on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const reader = readerOf(bytes)
        try {
          reader.skip()
          expect(reader.offset).toBeLessThanOrEqual(bytes.length)
        } catch (thrown) {
          expect(thrown).toEqual(INVALID)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    { name: 'arrays around a number', open: [0x91], inner: [0x01] },
    { name: 'arrays around an empty array', open: [0x91], inner: [0x90], levels: 1 },
    { name: 'maps around an empty map', open: [0x81, 0xa0], inner: [0x80], levels: 1 },
    { name: 'array 32 around array 16', open: [0xdd, 0, 0, 0, 1], inner: [0xdc, 0, 0], levels: 1 },
  ])('passes over 1,024 levels of $name, and no more', ({ open, inner, levels = 0 }) => {
    const nested = (depth: number) =>
      Buffer.from([...Array.from({ length: depth - levels }, () => open).flat(), ...inner])

    const deepest = nested(DEPTH_MAX)
    const reader = readerOf(deepest)
    reader.skip()
    expect(reader.atEnd).toBe(true)
    expect(() => readerOf(nested(DEPTH_MAX + 1)).skip()).toThrow('nested deeper than 1024')
    expect(() => readerOf(nested(100_000)).skip()).toThrow('nested deeper than 1024')
  })

  test('counts depth, not containers side by side', () => {
    const bytes = Buffer.concat([Buffer.of(0xdc, 0x10, 0x00), Buffer.alloc(4096, 0x90)])
    const reader = readerOf(bytes)
    reader.skip()
    expect(reader.atEnd).toBe(true)
  })

  test.each([
    ['array 32', [0xdd, 0x02, 0, 0, 0]],
    ['array 32 of 2^32 - 1', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['map 32', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['string 32', [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ['binary 32', [0xc6, 0x7f, 0xff, 0xff, 0xff]],
    ['extension 32', [0xc9, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['three arrays in one another', [0xdd, 2, 0, 0, 0, 0xdd, 2, 0, 0, 0, 0xdd, 2, 0, 0, 0]],
  ])('takes no memory by the declared length of %s', (_name, bytes) => {
    const before = process.memoryUsage()
    expect(() => readerOf(Buffer.from(bytes)).skip()).toThrow(INVALID)
    const after = process.memoryUsage()
    expect(
      after.heapTotal + after.arrayBuffers - before.heapTotal - before.arrayBuffers,
    ).toBeLessThan(32 * 1024 * 1024)
  })

  test('refuses the byte that is never used', () => {
    expect(() => readerOf(Buffer.of(0x91, 0xc1)).skip()).toThrow('byte 1 is 0xc1')
  })
})

describe('MessagePackReader.readNumber()', () => {
  test.each([
    0n,
    1n,
    127n,
    128n,
    255n,
    256n,
    65_535n,
    65_536n,
    4_294_967_295n,
    4_294_967_296n,
    9_007_199_254_740_991n,
    -1n,
    -32n,
    -33n,
    -128n,
    -129n,
    -32_769n,
    -2_147_483_649n,
  ])('reads %d in every form that holds it', value => {
    for (let form = 0; form < 9; form += 1) {
      const reader = readerOf(encodeForeign(value, count => form % count))
      expect(reader.peekIsInteger()).toBe(true)
      expect(reader.readNumber()).toBe(Number(value))
      expect(reader.atEnd).toBe(true)
    }
  })

  test.each([0.5, -2, 30, Number.POSITIVE_INFINITY])('reads %d as float 32 and float 64', value => {
    for (const form of [0, 1]) {
      const reader = readerOf(encodeForeign({ float: value }, () => form))
      expect(reader.peekIsFloat()).toBe(true)
      expect(reader.readNumber()).toBe(value)
    }
  })

  test('gives no safe integer for one beyond 2^53', () => {
    for (const value of [2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
      const number = readerOf(encodeForeign(value, () => 0)).readNumber()
      expect(Number.isSafeInteger(number), String(value)).toBe(false)
    }
  })
})

test('MessagePackReader.reset() reads a window into a larger buffer at its own offset', () => {
  const pool = Buffer.concat([Buffer.alloc(100, 0xff), Buffer.of(0xcd, 0x12, 0x34)])
  const reader = readerOf(pool.subarray(100))
  expect(reader.readNumber()).toBe(0x1234)
})

test('MessagePackReader does not read beyond the end that reset() was given', () => {
  const bytes = Buffer.of(0xa3, 0x61, 0x62, 0x63)
  expect(() => readerOf(bytes, 0, 3).readString()).toThrow(INVALID)
  expect(() => readerOf(Buffer.of(0xcd, 1, 2), 0, 2).readNumber()).toThrow(INVALID)
  expect(() => readerOf(bytes, 0, 0).peek()).toThrow(INVALID)
})

test('MessagePackReader refuses to read a value as another kind', () => {
  const number = Buffer.of(0x05)
  expect(() => readerOf(number).readMapSize()).toThrow('a map was expected at byte 0')
  expect(() => readerOf(number).readString()).toThrow('a string was expected at byte 0')
  expect(() => readerOf(number).readBoolean()).toThrow('a boolean was expected at byte 0')
  expect(() => readerOf(Buffer.of(0xc0)).readNumber()).toThrow('a number was expected at byte 0')
})

function readerOf(bytes: Uint8Array, start = 0, end = bytes.length): MessagePackReader {
  const reader = new MessagePackReader()
  reader.reset(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), start, end)
  return reader
}
