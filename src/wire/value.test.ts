import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEPTH_MAX } from './reader.ts'
import { decodeValue, encodeValue } from './value.ts'

const INVALID = expect.objectContaining({ code: 'MESSAGEPACK_INVALID' })

describe('encodeValue() and decodeValue()', () => {
  test.each<[name: string, value: unknown]>([
    ['nil', null],
    ['booleans', [true, false]],
    ['integers of every size', [0, 127, 128, 65_536, 2 ** 32, -1, -33, -(2 ** 31), -(2 ** 40)]],
    ['the largest safe integers', [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
    ['bigints beyond 2^53', [2n ** 53n, 2n ** 64n - 1n, -(2n ** 63n)]],
    ['bigints in maps beside numbers', { a: [{ b: 2n ** 60n }], c: 7, d: 1.5 }],
    ['floats', [1.5, -0.1, Number.MAX_VALUE, Number.POSITIVE_INFINITY]],
    ['NaN', Number.NaN],
    ['texts', ['', 'x'.repeat(31), 'ü'.repeat(200), '日本', 'y'.repeat(70_000)]],
    ['binary data', Uint8Array.of(0, 255)],
    ['empty containers', [[], {}]],
    ['a map of twenty', Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`${at}`, at]))],
    ['keys that objects have themselves', { constructor: 1, toString: 2, length: 3 }],
  ])('keep %s', (_name, value) => {
    expect(decodeValue(encodeValue(value))).toEqual(value)
  })

  test('keep any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        fc.pre(!JSON.stringify(value).includes('"__proto__"'))
        // JSON itself has no negative zero, and MessagePack none among integers.
        const plain: unknown = JSON.parse(JSON.stringify(value))
        expect(decodeValue(encodeValue(plain))).toEqual(plain)
      }),
    )
  })

  test('give a small bigint back as a number', () => {
    expect(decodeValue(encodeValue(5n))).toBe(5)
    expect(decodeValue(encodeValue([2n ** 53n - 1n, 2 ** 40]))).toEqual([2 ** 53 - 1, 2 ** 40])
  })

  test.each([
    ['a number', 1],
    ['an empty array', []],
  ])('keep 1,024 levels around %s, and refuse one more', (name, inner) => {
    const nested = (containers: number) => {
      let value: unknown = inner
      for (let level = name === 'a number' ? 0 : 1; level < containers; level += 1) value = [value]
      return value
    }
    const deepest = nested(DEPTH_MAX)
    expect(JSON.stringify(decodeValue(encodeValue(deepest)))).toBe(JSON.stringify(deepest))
    expect(() => encodeValue(nested(DEPTH_MAX + 1))).toThrow(INVALID)
    expect(() => encodeValue(nested(100_000))).toThrow(INVALID)
  })
})

describe('encodeValue()', () => {
  test.each<[name: string, value: unknown]>([
    ['a function', () => {}],
    ['a symbol within', { key: [Symbol('s')] }],
    ['a bigint above 64 bits', 2n ** 64n],
    ['a bigint below 64 bits', [-(2n ** 63n) - 1n]],
  ])('refuses %s', (_name, value) => {
    expect(() => encodeValue(value)).toThrow(INVALID)
  })

  test('refuses a value that holds itself, however many times', () => {
    const value: Record<string, unknown> = {}
    for (const key of ['a', 'b', 'c']) value[key] = [value]
    expect(() => encodeValue(value)).toThrow(INVALID)
  })
})

describe('decodeValue()', () => {
  test('gives binary data of its own, not a window into the bytes', () => {
    const bytes = Buffer.of(0x91, 0xc4, 0x02, 0x07, 0x08)
    const value = decodeValue(bytes)
    bytes.fill(0)
    expect(value).toEqual([Uint8Array.of(7, 8)])
  })

  test.each([
    ['nothing', []],
    ['half a value', [0x92, 0x01]],
    ['bytes behind the value', [0x01, 0x02]],
    ['the byte that is never used', [0xc1]],
    ['a key __proto__', [0x81, 0xa9, ...Buffer.from('__proto__'), 0x01]],
    ['a map as a key', [0x81, 0x80, 0x01]],
  ])('refuses %s', (_name, bytes) => {
    expect(() => decodeValue(Buffer.from(bytes))).toThrow(INVALID)
  })
})
