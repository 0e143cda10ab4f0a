import { NS_PER_MS } from '../clock.ts'
import { BenchError } from '../errors.ts'
import type { LatencySummary } from './metrics.ts'

/** Buckets of one power of two are 2^10: a recorded value is off by less than 1 in 1,024. */
const SUB_BUCKET_BITS_DEFAULT = 10
/** Values above are counted in the last bucket; `max` and `mean` stay exact. 2^42 ns is 73 minutes. */
const VALUE_BITS_MAX = 42
const VALUE_MAX = 2 ** VALUE_BITS_MAX

const TWO_TO_31 = 2147483648
const SCALE_BITS = 21
const SCALE = 1 << SCALE_BITS

/** What travels between threads and into files: counts of the buckets that are not empty. */
export interface HistogramData {
  readonly subBucketBits: number
  readonly buckets: readonly (readonly [bucket: number, count: number])[]
  readonly sumNs: number
  readonly minNs: number
  readonly maxNs: number
}

/**
 * Counts of durations in log-linear buckets, the layout of HdrHistogram: constant memory, about
 * 7 ns a value, and two of one resolution merge by adding.
 */
export class Histogram {
  readonly #subBucketBits: number
  readonly #counts: Float64Array
  #count = 0
  #sumNs = 0
  #minNs = Number.POSITIVE_INFINITY
  #maxNs = 0

  /** A recorded value is off by less than 1 in 2^`subBucketBits`, which memory grows with. */
  constructor(subBucketBits = SUB_BUCKET_BITS_DEFAULT) {
    this.#subBucketBits = subBucketBits
    // The first two powers share full resolution, each further one has as many buckets again.
    this.#counts = new Float64Array((VALUE_BITS_MAX - subBucketBits + 1) << subBucketBits)
  }

  get count(): number {
    return this.#count
  }

  /** Whole nanoseconds. A negative duration, which no monotonic clock gives, counts as 0. */
  record(valueNs: number): void {
    const value = Math.max(valueNs, 0)
    const bucket = bucketOf(value, this.#subBucketBits)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#count += 1
    this.#sumNs += value
    if (value < this.#minNs) this.#minNs = value
    if (value > this.#maxNs) this.#maxNs = value
  }

  /** Throws when `data` is of another resolution. */
  merge(data: HistogramData): void {
    this.#requireResolution(data.subBucketBits)
    for (const [bucket, count] of data.buckets) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count
      this.#count += count
    }
    this.#addSummary(data)
  }

  /** `merge` of a histogram of this thread; cheap, since it looks only at what `other` has. */
  absorb(other: Histogram): void {
    this.#requireResolution(other.#subBucketBits)
    if (other.#count === 0) return
    const counts = this.#counts
    const others = other.#counts
    const last = bucketOf(other.#maxNs, this.#subBucketBits)
    for (let bucket = bucketOf(other.#minNs, this.#subBucketBits); bucket <= last; bucket += 1) {
      counts[bucket] = (counts[bucket] ?? 0) + (others[bucket] ?? 0)
    }
    this.#count += other.#count
    this.#addSummary({ sumNs: other.#sumNs, minNs: other.#minNs, maxNs: other.#maxNs })
  }

  toData(): HistogramData {
    const buckets: [number, number][] = []
    this.#counts.forEach((count, bucket) => {
      if (count > 0) buckets.push([bucket, count])
    })
    return {
      subBucketBits: this.#subBucketBits,
      buckets,
      sumNs: this.#sumNs,
      minNs: this.#minNs,
      maxNs: this.#maxNs,
    }
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
    for (let bucket = 0; bucket < this.#counts.length - 1; bucket += 1) {
      seen += this.#counts[bucket] ?? 0
      if (seen >= rank) {
        return Math.min(upperEndOf(bucket, this.#subBucketBits), this.#maxNs)
      }
    }
    return this.#maxNs
  }

  /** Variance and mean absolute deviation, from the middles of the buckets. */
  spread(): { readonly variance: number; readonly meanDeviation: number } {
    const mean = this.meanNs
    let squares = 0
    let deviations = 0
    this.#counts.forEach((count, bucket) => {
      if (count === 0) return
      const middle = middleOf(bucket, this.#subBucketBits)
      squares += count * (middle - mean) ** 2
      deviations += count * Math.abs(middle - mean)
    })
    return { variance: squares / this.#count, meanDeviation: deviations / this.#count }
  }

  get sumNs(): number {
    return this.#sumNs
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

  #addSummary({ sumNs, minNs, maxNs }: Pick<HistogramData, 'sumNs' | 'minNs' | 'maxNs'>): void {
    this.#sumNs += sumNs
    if (minNs < this.#minNs) this.#minNs = minNs
    if (maxNs > this.#maxNs) this.#maxNs = maxNs
  }

  #requireResolution(subBucketBits: number): void {
    if (subBucketBits === this.#subBucketBits) return
    throw new BenchError(
      'INTERNAL',
      `Cannot merge a histogram of ${subBucketBits} sub-bucket bits into one of ${this.#subBucketBits}`,
    )
  }
}

/** In milliseconds, or `undefined` when nothing was recorded. */
export function summarize(histogram: Histogram): LatencySummary | undefined {
  if (histogram.count === 0) return undefined
  const quantileMs = (fraction: number) => histogram.quantileNs(fraction) / NS_PER_MS
  return {
    mean: histogram.meanNs / NS_PER_MS,
    p50: quantileMs(0.5),
    p90: quantileMs(0.9),
    p95: quantileMs(0.95),
    p99: quantileMs(0.99),
    p999: quantileMs(0.999),
    max: histogram.maxNs / NS_PER_MS,
  }
}

function bucketOf(value: number, subBucketBits: number): number {
  // A power has 2^subBucketBits values of the bits below its top bit, which is implied.
  if (value < TWO_TO_31) {
    const shift = Math.max(0, 31 - subBucketBits - Math.clz32(value))
    return (shift << subBucketBits) + (value >>> shift)
  }
  if (value >= VALUE_MAX) return ((VALUE_BITS_MAX - subBucketBits + 1) << subBucketBits) - 1
  // Bit operations see 32 bits: from 2.1 s on the value is scaled down first.
  const shift = 31 - subBucketBits - Math.clz32(value / SCALE) + SCALE_BITS
  return (shift << subBucketBits) + Math.floor(value / 2 ** shift)
}

function upperEndOf(bucket: number, subBucketBits: number): number {
  const subBuckets = 1 << subBucketBits
  if (bucket < 2 * subBuckets) return bucket
  const shift = Math.floor(bucket / subBuckets) - 1
  const within = (bucket % subBuckets) + subBuckets
  return (within + 1) * 2 ** shift - 1
}

function middleOf(bucket: number, subBucketBits: number): number {
  const lowerEnd = bucket === 0 ? 0 : upperEndOf(bucket - 1, subBucketBits) + 1
  return (lowerEnd + upperEndOf(bucket, subBucketBits)) / 2
}
