import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SEARCH_HOLDS_MAX } from '../config/scenario.ts'
import { FAILED_OVER_PASSED_MAX, nextRate, type RateRange } from './rate-search.ts'
import type { Hold } from './result.ts'

describe('nextRate()', () => {
  test('doubles while rates pass, then halves the distance to the one that failed', () => {
    expect(search(13_000, { fromRate: 1000, toRate: 50_000 })).toEqual({
      rates: [
        1000, 2000, 4000, 8000, 16_000, 16_000, 12_000, 14_000, 14_000, 13_000, 13_500, 13_500,
      ],
      rate: 13_000,
      failedAt: 13_500,
    })
  })

  test('holds the highest rate when doubling goes beyond it, and ends there if it passes', () => {
    expect(search(Number.POSITIVE_INFINITY, { fromRate: 1000, toRate: 5000 })).toEqual({
      rates: [1000, 2000, 4000, 5000],
      rate: 5000,
      failedAt: null,
    })
  })

  test('finds nothing when the lowest rate fails', () => {
    expect(search(999, { fromRate: 1000, toRate: 5000 })).toEqual({
      rates: [1000, 1000],
      rate: null,
      failedAt: 1000,
    })
  })

  test('holds once where lowest and highest are the same', () => {
    const range = { fromRate: 700, toRate: 700 }

    expect(search(800, range)).toEqual({ rates: [700], rate: 700, failedAt: null })
    expect(search(600, range)).toEqual({ rates: [700, 700], rate: null, failedAt: 700 })
  })

  test('ends when the distance is 5 %', () => {
    const range = { fromRate: 1, toRate: 1e6 }

    expect(nextRate([passed(100), ...failed(105)], range)).toMatchObject({ kind: 'found' })
    expect(nextRate([passed(100), ...failed(105.1)], range)).toEqual({ kind: 'hold', rate: 103 })
  })

  test('rounds to three digits', () => {
    expect(
      nextRate([passed(12_345), ...failed(24_690)], { fromRate: 12_345, toRate: 1e6 }),
    ).toEqual({
      kind: 'hold',
      rate: 18_500,
    })
  })

  test('does not believe a rate that passed above one that failed', () => {
    const holds = [passed(100), ...failed(200), passed(400)]

    expect(nextRate(holds, { fromRate: 100, toRate: 1000 })).toEqual({ kind: 'hold', rate: 150 })
  })

  test.each([
    { held: 'failed once', holds: [failure(200)], next: 200 },
    { held: 'failed and passed', holds: [failure(200), passed(200)], next: 200 },
    {
      held: 'failed, then passed twice',
      holds: [failure(200), passed(200), passed(200)],
      next: 400,
    },
    { held: 'passed once of three times', holds: [...failed(200), passed(200)], next: 150 },
  ])('after a rate that $held goes on with $next', ({ holds, next }) => {
    const range = { fromRate: 100, toRate: 1000 }

    expect(nextRate([passed(100), ...holds], range)).toEqual({ kind: 'hold', rate: next })
  })

  test('ends after SEARCH_HOLDS_MAX holds with what it has', () => {
    const { rates, ...found } = search(Number.POSITIVE_INFINITY, { fromRate: 1, toRate: 1e15 })

    expect(rates).toHaveLength(SEARCH_HOLDS_MAX)
    expect(found).toEqual({ rate: 2 ** (SEARCH_HOLDS_MAX - 1), failedAt: null })
  })

  test('encloses any threshold within 5 %, in few holds and between the limits', () => {
    const ranges = fc
      .record({
        fromRate: fc.double({ min: 0.01, max: 1e5, noNaN: true }),
        factor: fc.double({ min: 1, max: 10_000, noNaN: true }),
        at: fc.double({ min: -0.1, max: 1.1, noNaN: true }),
      })
      .map(({ fromRate, factor, at }) => ({
        range: { fromRate, toRate: fromRate * factor },
        threshold: fromRate * factor ** at,
      }))
    fc.assert(
      fc.property(ranges, ({ range, threshold }) => {
        const { rates, rate, failedAt } = search(threshold, range)

        expect(rates.length).toBeLessThanOrEqual(SEARCH_HOLDS_MAX)
        expect(new Set(rates).size).toBeGreaterThanOrEqual(rates.length / 2)
        expect(Math.min(...rates)).toBe(range.fromRate)
        expect(Math.max(...rates)).toBeLessThanOrEqual(range.toRate)
        if (rate !== null) expect(rate).toBeLessThanOrEqual(threshold)
        if (failedAt !== null) expect(failedAt).toBeGreaterThan(threshold)
        expect(rate === null).toBe(threshold < range.fromRate)
        expect(failedAt === null).toBe(threshold >= range.toRate)
        if (rate !== null && failedAt !== null) {
          expect(failedAt / rate).toBeLessThanOrEqual(FAILED_OVER_PASSED_MAX)
        }
        if (failedAt === null) expect(rate).toBe(range.toRate)
      }),
      { numRuns: 1000 },
    )
  })
})

/** A whole search against a server that keeps every rate up to `threshold`. */
function search(threshold: number, range: RateRange) {
  const holds: Pick<Hold, 'rate' | 'verdict'>[] = []
  for (;;) {
    const step = nextRate(holds, range)
    if (step.kind === 'found') {
      return { rates: holds.map(hold => hold.rate), rate: step.rate, failedAt: step.failedAt }
    }
    // A search that never ends is to fail, not to hang.
    expect(holds.length).toBeLessThan(SEARCH_HOLDS_MAX)
    holds.push(step.rate <= threshold ? passed(step.rate) : failure(step.rate))
  }
}

function passed(rate: number) {
  return { rate, verdict: 'pass' } as const
}

function failure(rate: number) {
  return { rate, verdict: 'fail' } as const
}

/** What it takes for a rate to fail. */
function failed(rate: number) {
  return [failure(rate), failure(rate)]
}
