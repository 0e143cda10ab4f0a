import { describe, expect, test } from 'vitest'
import { assessWarmUp } from './levelling.ts'
import type { Timeline } from './timeline.ts'

/** A warm-up whose slices settled so many messages per second, then the slice in which it ended. */
function warmUp(...throughputs: readonly number[]): Timeline {
  const slices = [...throughputs, 7].map((consumerThroughput, index) => ({
    startMs: index * 10,
    producerThroughput: 0,
    consumerThroughput,
    queueDepth: 0,
    inFlight: 0,
  }))
  return { sliceMs: 10, slices }
}

const FACTS = { msgs: 1000, durationMs: 61.5 }

describe('assessWarmUp()', () => {
  test('has the last five complete slices, and passes on what it was told', () => {
    expect(assessWarmUp(warmUp(1, 2, 300, 400, 1000, 1000, 1000), FACTS)).toEqual({
      msgs: 1000,
      durationMs: 61.5,
      sliceThroughput: [300, 400, 1000, 1000, 1000],
      levelled: true,
    })
  })

  test.each([
    { throughputs: [], levelled: false },
    { throughputs: [1000, 1000], levelled: false },
    { throughputs: [1000, 1000, 1000], levelled: true },
    { throughputs: [0, 0, 0], levelled: false },
    // Mean 1,000: 20 % is level, a little more is not.
    { throughputs: [800, 1000, 1200], levelled: true },
    { throughputs: [799, 1000, 1201], levelled: false },
    { throughputs: [100, 200, 900, 1000, 1100], levelled: true },
    { throughputs: [1000, 1000, 1000, 2000], levelled: false },
  ])('calls $throughputs levelled: $levelled', ({ throughputs, levelled }) => {
    expect(assessWarmUp(warmUp(...throughputs), FACTS).levelled).toBe(levelled)
  })

  test('has no slices of a warm-up without any', () => {
    expect(assessWarmUp({ sliceMs: 10, slices: [] }, FACTS)).toEqual({
      ...FACTS,
      sliceThroughput: [],
      levelled: false,
    })
  })
})
