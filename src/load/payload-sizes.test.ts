import { describe, expect, test } from 'vitest'
import { chiSquareLimit, chiSquareOf } from '../testing/statistics.ts'
import { PayloadSizes } from './payload-sizes.ts'

describe('PayloadSizes.of()', () => {
  test('is free without sizes, and the one size where there is one', () => {
    const free = new PayloadSizes(undefined, 1)
    const one = new PayloadSizes({ min: 100, max: 100 }, 1)
    for (let sequence = 0; sequence < 100; sequence += 1) {
      expect([free.of(3, sequence), one.of(3, sequence)]).toEqual([0, 100])
    }
    expect([free.max, one.max]).toEqual([0, 100])
  })

  test.each([
    { of: 'one producer', messages: Array.from({ length: 100_000 }, (_, at) => [0, at] as const) },
    {
      of: 'many producers',
      messages: Array.from({ length: 100_000 }, (_, at) => [at, 7] as const),
    },
  ])('has each size from min to max equally often over the messages of $of', ({ messages }) => {
    const sizes = new PayloadSizes({ min: 50, max: 149 }, 4)
    const counts = new Float64Array(200)
    for (const [producer, sequence] of messages) {
      const size = sizes.of(producer, sequence)
      counts[size] = (counts[size] ?? 0) + 1
    }
    const within = counts.subarray(50, 150)
    expect(within.reduce((sum, count) => sum + count, 0)).toBe(messages.length)
    expect(chiSquareOf(within)).toBeLessThan(chiSquareLimit(99))
  })

  test('is the same for the same seed and another for another one', () => {
    const range = { min: 100, max: 1_000_000 }
    const sizesWith = (seed: number) => {
      const sizes = new PayloadSizes(range, seed)
      return Array.from({ length: 20 }, (_, sequence) => sizes.of(1, sequence))
    }
    expect(sizesWith(1)).toEqual(sizesWith(1))
    const others = [sizesWith(1), sizesWith(2), sizesWith(2 ** 32 - 1)].flat()
    expect(new Set(others).size).toBe(60)
  })
})
