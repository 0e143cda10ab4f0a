import type { Timeline } from './timeline.ts'

/** What a warm-up was, and whether throughput had levelled at its end. */
export interface WarmUp {
  readonly msgs: number
  readonly durationMs: number
  /** Settled messages per second in the last slices of the warm-up. */
  readonly sliceThroughput: readonly number[]
  readonly levelled: boolean
}

/** Slices that are shown, and slices that must agree. */
const SLICES_SHOWN_MAX = 5
const SLICES_LEVEL = 3
/** Deviation of a slice from the mean of those that must agree. */
const DEVIATION_MAX = 0.2

/** Looks at the last complete slices; a warm-up too short to have enough of them has not levelled. */
export function assessWarmUp(
  timeline: Timeline,
  warmUp: { readonly msgs: number; readonly durationMs: number },
): WarmUp {
  // The run ended within the last slice.
  const sliceThroughput = timeline.slices
    .slice(0, -1)
    .slice(-SLICES_SHOWN_MAX)
    .map(slice => slice.consumerThroughput)
  return { ...warmUp, sliceThroughput, levelled: isLevel(sliceThroughput.slice(-SLICES_LEVEL)) }
}

function isLevel(throughputs: readonly number[]): boolean {
  const mean = throughputs.reduce((sum, value) => sum + value, 0) / SLICES_LEVEL
  return (
    throughputs.length === SLICES_LEVEL &&
    mean > 0 &&
    throughputs.every(value => Math.abs(value - mean) <= mean * DEVIATION_MAX)
  )
}
