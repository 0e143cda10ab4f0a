import fc from 'fast-check'
import { build } from 'hdr-histogram-js'
import { describe, expect, test } from 'vitest'
import { Histogram, summarize } from './histogram.ts'

const FRACTIONS = [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1]

function histogramOf(values: Iterable<number>, subBucketBits?: number): Histogram {
  const histogram = new Histogram(subBucketBits)
  for (const value of values) histogram.record(value)
  return histogram
}

/** The value at the nearest rank: the smallest that `fraction` of all do not exceed. */
function nearestRank(sorted: readonly number[], fraction: number): number {
  return sorted[Math.max(1, Math.ceil(fraction * sorted.length - 1e-9)) - 1] ?? Number.NaN
}

/** As many small values as large ones, to 2^42. */
const durations = fc
  .record({
    bits: fc.integer({ min: 0, max: 41 }),
    within: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ bits, within }) => Math.floor(2 ** bits * (1 + within)))

describe('Histogram', () => {
  test.each([
    { subBucketBits: undefined, buckets: 1024 },
    { subBucketBits: 10, buckets: 1024 },
    { subBucketBits: 5, buckets: 32 },
    { subBucketBits: 1, buckets: 2 },
  ])(
    'of $subBucketBits bits has every quantile within 1/$buckets of the exact one, never below it or above the maximum',
    ({ subBucketBits, buckets }) => {
      fc.assert(
        fc.property(fc.array(durations, { minLength: 1, maxLength: 500 }), values => {
          const histogram = histogramOf(values, subBucketBits)
          const sorted = values.toSorted((a, b) => a - b)
          for (const fraction of FRACTIONS) {
            const exact = nearestRank(sorted, fraction)
            const quantile = histogram.quantileNs(fraction)
            expect(quantile).toBeGreaterThanOrEqual(exact)
            expect(quantile).toBeLessThanOrEqual(exact + exact / buckets)
            expect(quantile).toBeLessThanOrEqual(histogram.maxNs)
          }
          expect(histogram.maxNs).toBe(sorted.at(-1))
          expect(histogram.minNs).toBe(sorted[0])
          expect(histogram.meanNs).toBe(values.reduce((sum, value) => sum + value) / values.length)
        }),
        { numRuns: 200 },
      )
    },
  )

  test('agrees with HdrHistogram on values of every size', () => {
    const values = fc.sample(durations, 20_000).filter(value => value > 0)
    const histogram = histogramOf(values)
    const reference = build({
      highestTrackableValue: 2 ** 43,
      numberOfSignificantValueDigits: 5,
      bitBucketSize: 64,
    })
    for (const value of values) reference.recordValue(value)

    for (const fraction of FRACTIONS) {
      const expected = reference.getValueAtPercentile(fraction * 100)
      const ratio = histogram.quantileNs(fraction) / expected
      expect(Math.abs(ratio - 1), `at ${fraction}`).toBeLessThan(1 / 1024 + 1e-4)
    }
    expect(histogram.meanNs / reference.mean).toBeCloseTo(1, 4)
  })

  test.each([
    0,
    1,
    1023,
    1024,
    2047,
    2048,
    2049,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 31 + 1,
    2 ** 32,
    2 ** 41,
  ])('keeps %d apart from values 1/512 away', value => {
    const above = value + Math.ceil(value / 512) + 1
    const histogram = histogramOf([value, above])

    expect(histogram.quantileNs(0.5)).toBeGreaterThanOrEqual(value)
    expect(histogram.quantileNs(0.5)).toBeLessThan(above)
    expect(histogram.quantileNs(1)).toBe(above)
  })

  test.each([2 ** 42, 2 ** 45, 2 ** 52, 2 ** 60])('counts %d, which is beyond its range', value => {
    const histogram = histogramOf([1, value])

    expect(histogram.count).toBe(2)
    expect(histogram.maxNs).toBe(value)
    expect(histogram.quantileNs(0.5)).toBe(1)
    expect(histogram.quantileNs(1)).toBe(value)
    expect(histogram.toData().buckets).toHaveLength(2)
  })

  test('takes a negative duration for 0', () => {
    expect(histogramOf([-5]).toData()).toMatchObject({ sumNs: 0, minNs: 0, maxNs: 0 })
  })

  test.each([
    { count: 1000, fraction: 0.999, rank: 999 },
    { count: 1000, fraction: 0.99, rank: 990 },
    { count: 1001, fraction: 0.999, rank: 1000 },
    { count: 100, fraction: 0.95, rank: 95 },
    { count: 20, fraction: 0.95, rank: 19 },
    { count: 10, fraction: 0.999, rank: 10 },
    { count: 3, fraction: 0.5, rank: 2 },
    { count: 2, fraction: 0.5, rank: 1 },
    { count: 1, fraction: 0.5, rank: 1 },
    { count: 5, fraction: 0, rank: 1 },
  ])('takes value $rank of $count for $fraction', ({ count, fraction, rank }) => {
    const histogram = histogramOf(Array.from({ length: count }, (_, index) => index + 1))

    expect(histogram.quantileNs(fraction)).toBe(rank)
  })

  test('merge() and absorb() are the same as recording all in one', () => {
    const parts = fc.array(fc.array(durations, { maxLength: 50 }), { maxLength: 4 })
    fc.assert(
      fc.property(parts, fc.constantFrom(10, 5), (parts, subBucketBits) => {
        const merged = new Histogram(subBucketBits)
        const absorbing = new Histogram(subBucketBits)
        for (const part of parts) merged.merge(histogramOf(part, subBucketBits).toData())
        for (const part of parts) absorbing.absorb(histogramOf(part, subBucketBits))
        const all = histogramOf(parts.flat(), subBucketBits)

        expect(merged.toData()).toEqual(all.toData())
        expect(absorbing.toData()).toEqual(all.toData())
        expect([merged.count, absorbing.count]).toEqual([all.count, all.count])
        expect(merged.sumNs).toBe(all.sumNs)
      }),
      { numRuns: 50 },
    )
  })

  test('refuses to merge with another resolution', () => {
    const message = 'Cannot merge a histogram of 5 sub-bucket bits into one of 10'

    expect(() => new Histogram().merge(new Histogram(5).toData())).toThrow(message)
    expect(() => new Histogram().absorb(new Histogram(5))).toThrow(message)
  })

  test('has no figures when it is empty', () => {
    const histogram = new Histogram()

    expect(histogram.quantileNs(0.5)).toBeNaN()
    expect(histogram.meanNs).toBeNaN()
    expect(histogram.maxNs).toBeNaN()
    expect(histogram.minNs).toBeNaN()
    expect(summarize(histogram)).toBeUndefined()
  })
})

test('summarize() is in milliseconds', () => {
  const values = Array.from({ length: 1000 }, (_, index) => index + 1)

  expect(summarize(histogramOf(values))).toEqual({
    mean: 0.0005005,
    p50: 0.0005,
    p90: 0.0009,
    p95: 0.00095,
    p99: 0.00099,
    p999: 0.000999,
    max: 0.001,
  })
})

test('Histogram.spread() is the variance and mean deviation of what was recorded', () => {
  const { variance, meanDeviation } = histogramOf([2, 4, 4, 4, 5, 5, 7, 9]).spread()

  expect(variance).toBe(4)
  expect(meanDeviation).toBe(1.5)
})
