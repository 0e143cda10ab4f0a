import { Histogram, type HistogramData } from './histogram.ts'

/** What one thread, or all of them, saw in one slice of time. */
export interface SliceData {
  /** Acknowledged. */
  readonly produced: number
  /** Settled for the first time. */
  readonly settled: number
  readonly delivered: number
  /** Answers to SETTLE of any kind: each ends what a delivery began. */
  readonly settleAnswers: number
  readonly depthPeak: number
  readonly inFlightPeak: number
  /** Absent when nothing was settled. */
  readonly latency?: HistogramData
}

/** About 3 %: there are many slices, and a chart shows no more. */
const SUB_BUCKET_BITS = 5

/** The counts of one slice while they grow. */
export class SliceCounts {
  produced = 0
  settled = 0
  delivered = 0
  settleAnswers = 0
  depthPeak = 0
  inFlightPeak = 0
  latency: Histogram | undefined

  recordLatency(latencyNs: number): void {
    this.latency ??= new Histogram(SUB_BUCKET_BITS)
    this.latency.record(latencyNs)
  }

  /** Adds a slice of another thread. */
  merge(data: SliceData): void {
    this.#addCounts(data)
    if (data.latency === undefined) return
    this.latency ??= new Histogram(SUB_BUCKET_BITS)
    this.latency.merge(data.latency)
  }

  /** Adds another slice of this thread, which must not be used afterwards. */
  absorb(other: SliceCounts): void {
    this.#addCounts(other)
    if (this.latency === undefined) this.latency = other.latency
    else if (other.latency !== undefined) this.latency.absorb(other.latency)
  }

  toData(): SliceData {
    const { latency, ...counts } = this
    return latency === undefined ? counts : { ...counts, latency: latency.toData() }
  }

  #addCounts(other: Omit<SliceData, 'latency'>): void {
    this.produced += other.produced
    this.settled += other.settled
    this.delivered += other.delivered
    this.settleAnswers += other.settleAnswers
    this.depthPeak = Math.max(this.depthPeak, other.depthPeak)
    this.inFlightPeak = Math.max(this.inFlightPeak, other.inFlightPeak)
  }
}

/** The slice at `index`, made together with those before it where they are missing. */
export function sliceAt(slices: SliceCounts[], index: number): SliceCounts {
  for (;;) {
    const slice = slices[index]
    if (slice !== undefined) return slice
    slices.push(new SliceCounts())
  }
}
