import type { LatencySummary } from './metrics.ts'

/** Buckets of one power of two: a recorded value is off by less than 1 in 1,024. */
const SUB_BUCKET_BITS = 10
const SUB_BUCKETS = 1 << SUB_BUCKET_BITS
/** Values above are counted in the last bucket; `max` and `mean` stay exact. 2^42 ns is 73 minutes. */
const VALUE_BITS_MAX = 42
const VALUE_MAX = 2 ** VALUE_BITS_MAX
/** The first two powers share full resolution, each further one has as many buckets again. */
const BUCKETS = (VALUE_BITS_MAX - SUB_BUCKET_BITS + 1) * SUB_BUCKETS

const TWO_TO_31 = 2147483648
const SCALE_BITS = 21
const SCALE = 1 << SCALE_BITS

/** What travels between threads and into files: counts of the buckets that are not empty. */
export interface HistogramData {
  readonly buckets: readonly (readonly [bucket: number, count: number])[]
  readonly sumNs: number
  readonly minNs: number
  readonly maxNs: number
}

/**
 * Counts of durations in log-linear buckets, the layout of HdrHistogram: constant memory, about
 * 7 ns a value, and two of them merge by adding.
 */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS)
  #count = 0
  #sumNs = 0
  #minNs = Number.POSITIVE_INFINITY
  #maxNs = 0

  get count(): number {
    return this.#count
  }

  /** Whole nanoseconds. A negative duration, which no monotonic clock gives, counts as 0. */
  record(valueNs: number): void {
    const value = Math.max(valueNs, 0)
    const bucket = bucketOf(value)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#count += 1
    this.#sumNs += value
    if (value < this.#minNs) this.#minNs = value
    if (value > this.#maxNs) this.#maxNs = value
  }

  merge(data: HistogramData): void {
    for (const [bucket, count] of data.buckets) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count
      this.#count += count
    }
    this.#sumNs += data.sumNs
    if (data.minNs < this.#minNs) this.#minNs = data.minNs
    if (data.maxNs > this.#maxNs) this.#maxNs = data.maxNs
  }

  toData(): HistogramData {
    const buckets: [number, number][] = []
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const count = this.#counts[bucket] ?? 0
      if (count > 0) buckets.push([bucket, count])
    }
    return { buckets, sumNs: this.#sumNs, minNs: this.#minNs, maxNs: this.#maxNs }
  }

  /**
   * The smallest recorded value that at least `fraction` of all values do not exceed (nearest
   * rank), to the upper end of its bucket and never above the exact maximum. NaN when empty.
   */
  quantileNs(fraction: number): number {
    if (this.#count === 0) return Number.NaN
    // Without the small step back, 0.999 of 1,000 values would ask for rank 1,000.
    const rank = Math.max(1, Math.ceil(fraction * this.#count - 1e-9 * this.#count))
    let seen = 0
    // The last bucket has no upper end.
    for (let bucket = 0; bucket < BUCKETS - 1; bucket += 1) {
      seen += this.#counts[bucket] ?? 0
      if (seen >= rank) return Math.min(upperEndOf(bucket), this.#maxNs)
    }
    return this.#maxNs
  }

  /** Variance and mean absolute deviation, from the middles of the buckets. */
  spread(): { readonly variance: number; readonly meanDeviation: number } {
    const mean = this.meanNs
    let squares = 0
    let deviations = 0
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const count = this.#counts[bucket] ?? 0
      if (count === 0) continue
      const middle = (lowerEndOf(bucket) + upperEndOf(bucket)) / 2
      squares += count * (middle - mean) ** 2
      deviations += count * Math.abs(middle - mean)
    }
    return { variance: squares / this.#count, meanDeviation: deviations / this.#count }
  }

  get meanNs(): number {
    return this.#sumNs / this.#count
  }

  get maxNs(): number {
    return this.#count === 0 ? Number.NaN : this.#maxNs
  }

  get minNs(): number {
    return this.#count === 0 ? Number.NaN : this.#minNs
  }
}

/** In milliseconds, or `undefined` when nothing was recorded. */
export function summarize(histogram: Histogram): LatencySummary | undefined {
  if (histogram.count === 0) return undefined
  const quantileMs = (fraction: number) => histogram.quantileNs(fraction) / 1e6
  return {
    mean: histogram.meanNs / 1e6,
    p50: quantileMs(0.5),
    p90: quantileMs(0.9),
    p95: quantileMs(0.95),
    p99: quantileMs(0.99),
    p999: quantileMs(0.999),
    max: histogram.maxNs / 1e6,
  }
}

function bucketOf(value: number): number {
  // A power has SUB_BUCKETS values of the bits below its top bit, which is implied.
  if (value < TWO_TO_31) {
    const shift = Math.max(0, 31 - SUB_BUCKET_BITS - Math.clz32(value))
    return shift * SUB_BUCKETS + (value >>> shift)
  }
  if (value >= VALUE_MAX) return BUCKETS - 1
  // Bit operations see 32 bits: from 2.1 s on the value is scaled down first.
  const shift = 31 - SUB_BUCKET_BITS - Math.clz32(value / SCALE) + SCALE_BITS
  return shift * SUB_BUCKETS + Math.floor(value / 2 ** shift)
}

function upperEndOf(bucket: number): number {
  if (bucket < 2 * SUB_BUCKETS) return bucket
  const shift = Math.floor(bucket / SUB_BUCKETS) - 1
  const within = (bucket % SUB_BUCKETS) + SUB_BUCKETS
  return (within + 1) * 2 ** shift - 1
}

function lowerEndOf(bucket: number): number {
  return bucket === 0 ? 0 : upperEndOf(bucket - 1) + 1
}
