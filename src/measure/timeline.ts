import { NS_PER_MS, NS_PER_SECOND } from '../clock.ts'
import { BenchError } from '../errors.ts'
import type { Histogram } from './histogram.ts'
import { type SliceCounts, sliceAt } from './slice-counts.ts'
import { type TimelineData, TimelineRecorder } from './timeline-recorder.ts'

/** The measured part, cut into slices of equal length. */
export interface Timeline {
  readonly sliceMs: number
  /** From the start to the last event, without gaps. */
  readonly slices: readonly TimelineSlice[]
}

export interface TimelineSlice {
  /** Since the start of the measured part. */
  readonly startMs: number
  /** Acknowledged and settled messages per second; of the last slice, within what the run covered. */
  readonly producerThroughput: number
  readonly consumerThroughput: number
  /** The highest within the slice: acknowledged − settled, and leased − settled. */
  readonly queueDepth: number
  readonly inFlight: number
  /** End to end, of what was settled in the slice; absent when nothing was. */
  readonly latencyMs?: {
    readonly p50: number
    readonly p95: number
    readonly p99: number
    readonly max: number
  }
}

/**
 * The share of the last slice that its rates are divided by at least: a run that ends with an event
 * in the first microsecond of a slice had no such rate.
 */
const COVERED_SHARE_MIN = 0.1

/**
 * One timeline of what all threads recorded, at the width of the coarsest. Throws when they do not
 * start at the same time.
 */
export function mergeTimelines(parts: readonly TimelineData[]): Timeline {
  const { startNs, sliceNs, lastNs, openingDepth, openingInFlight } = extentOf(parts)
  const merged: SliceCounts[] = []
  for (const part of parts) {
    for (const [index, slice] of part.slices.entries()) {
      sliceAt(merged, Math.floor((index * part.sliceNs) / sliceNs)).merge(slice)
    }
  }
  let depth = openingDepth
  let inFlight = openingInFlight
  const slices = merged.map((slice, index): TimelineSlice => {
    const atBeginning = { depth, inFlight }
    depth += slice.produced - slice.settled
    inFlight += slice.delivered - slice.settleAnswers
    const isLast = index === merged.length - 1
    const coveredNs = isLast ? lastNs - startNs - index * sliceNs : sliceNs
    const seconds = Math.max(coveredNs, sliceNs * COVERED_SHARE_MIN) / NS_PER_SECOND
    return {
      startMs: (index * sliceNs) / NS_PER_MS,
      producerThroughput: slice.produced / seconds,
      consumerThroughput: slice.settled / seconds,
      // Between its ends a slice without events, such as a pause of the server, has no peak.
      queueDepth: Math.max(0, slice.depthPeak, atBeginning.depth, depth),
      inFlight: Math.max(0, slice.inFlightPeak, atBeginning.inFlight, inFlight),
      ...(slice.latency !== undefined && { latencyMs: latencyMsOf(slice.latency) }),
    }
  })
  return { sliceMs: sliceNs / NS_PER_MS, slices }
}

type Extent = Omit<TimelineData, 'slices'>

const NOTHING: Extent = new TimelineRecorder().toData()

/** A thread that recorded nothing, not even a balance, may not have known the start. */
function extentOf(parts: readonly TimelineData[]): Extent {
  const [first = NOTHING, ...others] = parts.filter(hasRecorded)
  return others.reduce((extent, part) => {
    if (part.startNs !== extent.startNs) {
      throw new BenchError(
        'INTERNAL',
        `Cannot merge timelines that start at ${extent.startNs} ns and at ${part.startNs} ns`,
      )
    }
    return {
      startNs: extent.startNs,
      sliceNs: Math.max(extent.sliceNs, part.sliceNs),
      lastNs: Math.max(extent.lastNs, part.lastNs),
      openingDepth: extent.openingDepth + part.openingDepth,
      openingInFlight: extent.openingInFlight + part.openingInFlight,
    }
  }, first)
}

function hasRecorded({ slices, openingDepth, openingInFlight }: TimelineData): boolean {
  return slices.length > 0 || openingDepth !== 0 || openingInFlight !== 0
}

function latencyMsOf(histogram: Histogram): NonNullable<TimelineSlice['latencyMs']> {
  const quantileMs = (fraction: number) => histogram.quantileNs(fraction) / NS_PER_MS
  return {
    p50: quantileMs(0.5),
    p95: quantileMs(0.95),
    p99: quantileMs(0.99),
    max: histogram.maxNs / NS_PER_MS,
  }
}
