import { type SliceCounts, type SliceData, sliceAt } from './slice-counts.ts'

/** What one thread recorded; travels between threads as a structured clone. */
export interface TimelineData {
  readonly startNs: number
  /** 10 ms, or that doubled some times. */
  readonly sliceNs: number
  /** Of the last event; 0 without any. */
  readonly lastNs: number
  /** Acknowledged − settled, and delivered − answered, of what came before the start was known. */
  readonly openingDepth: number
  readonly openingInFlight: number
  /** From `startNs` on, without gaps; at most `SLICES_MAX`. */
  readonly slices: readonly SliceData[]
}

export const SLICES_MAX = 128
/** Width of a slice at first. */
const SLICE_NS_MIN = 10e6

/**
 * Counts the events of one thread in slices of equal width. When a run outgrows the slices, pairs
 * of them become one and the width doubles, so that memory does not grow with time and a run of any
 * length has between half of `SLICES_MAX` and all of them, or fewer of the least width.
 *
 * `at` says when all that follows it happened; counts of 0 are no events.
 */
export class TimelineRecorder {
  #startNs: number
  #sliceNs = SLICE_NS_MIN
  #slices: SliceCounts[] = []
  #nowNs = 0
  #lastNs = 0
  /** The slice of `#nowNs`, once something has happened in it. */
  #current: SliceCounts | undefined
  #openingDepth = 0
  #openingInFlight = 0

  /** What comes earlier than `startNs` counts in the first slice. */
  constructor(startNs = 0) {
    this.#startNs = startNs
  }

  /** Starts anew at `startNs`; of what was recorded before, only the balance remains. */
  startAt(startNs: number): void {
    for (const slice of this.#slices) {
      this.#openingDepth += slice.produced - slice.settled
      this.#openingInFlight += slice.delivered - slice.settleAnswers
    }
    this.#startNs = startNs
    this.#sliceNs = SLICE_NS_MIN
    this.#slices = []
    this.#lastNs = 0
    this.#current = undefined
  }

  /** Once a batch. Times may go back, each to its own slice. */
  at(nowNs: number): void {
    this.#nowNs = nowNs
    this.#current = undefined
  }

  /** `depth` is acknowledged − settled of all threads, just after these were acknowledged. */
  produced(count: number, depth: number): void {
    if (count === 0) return
    const slice = this.#slice()
    slice.produced += count
    if (depth > slice.depthPeak) slice.depthPeak = depth
  }

  /** Messages settled for the first time, and all answers to SETTLE: refused and repeated ones too. */
  settled(count: number, answers = count): void {
    if (answers === 0) return
    const slice = this.#slice()
    slice.settled += count
    slice.settleAnswers += answers
  }

  delivered(count: number): void {
    if (count === 0) return
    this.#slice().delivered += count
  }

  /** The highest delivered − answered of all threads within the batch. */
  inFlightPeak(value: number): void {
    if (value <= 0) return
    const slice = this.#slice()
    if (value > slice.inFlightPeak) slice.inFlightPeak = value
  }

  /** End to end, of a message that was settled. */
  latency(latencyNs: number): void {
    this.#slice().recordLatency(latencyNs)
  }

  toData(): TimelineData {
    return {
      startNs: this.#startNs,
      sliceNs: this.#sliceNs,
      lastNs: this.#lastNs,
      openingDepth: this.#openingDepth,
      openingInFlight: this.#openingInFlight,
      slices: this.#slices.map(slice => slice.toData()),
    }
  }

  #slice(): SliceCounts {
    this.#current ??= this.#select()
    return this.#current
  }

  #select(): SliceCounts {
    if (this.#nowNs > this.#lastNs) this.#lastNs = this.#nowNs
    while (this.#nowNs - this.#startNs >= SLICES_MAX * this.#sliceNs) this.#coarsen()
    const index = Math.max(0, Math.floor((this.#nowNs - this.#startNs) / this.#sliceNs))
    return sliceAt(this.#slices, index)
  }

  #coarsen(): void {
    const halved: SliceCounts[] = []
    for (const [index, slice] of this.#slices.entries()) {
      if (index % 2 === 0) halved.push(slice)
      else halved.at(-1)?.absorb(slice)
    }
    this.#slices = halved
    this.#sliceNs *= 2
  }
}
