import { describe, expect, test } from 'vitest'
import { checkLittlesLaw, littlesLawHolds } from './littles-law.ts'
import { Tally } from './tally.ts'

const START_NS = 5e15

/** `count` messages, one each `gapNs`, each settled `latencyNs` after it was sent. */
function evenRun(count: number, gapNs: number, latencyNs: number): Tally {
  const tally = new Tally(START_NS)
  tally.firstProduceSentNs = START_NS
  tally.lastSettleAcknowledgedNs = START_NS + (count - 1) * gapNs + latencyNs
  tally.produced = count
  tally.settled = count
  for (let message = 0; message < count; message += 1) {
    tally.sentSumNs += message * gapNs
    tally.settledSumNs += message * gapNs + latencyNs
    tally.latency.record(latencyNs)
  }
  return tally
}

describe('checkLittlesLaw()', () => {
  test('has rate, time and number of a run with known times', () => {
    // 11 messages over 1.1 s, one after the other: there is always exactly one in the system.
    expect(checkLittlesLaw(evenRun(11, 1e8, 1e8))).toEqual({
      inSystem: 1,
      rate: 10,
      latencyMs: 100,
      ratio: 1,
    })
  })

  test('stays precise over 10 million messages in 10 s that take 1 µs', () => {
    const check = checkLittlesLaw(evenRun(10_000_000, 1000, 1000))

    expect(Math.abs((check?.ratio ?? 0) - 1)).toBeLessThan(1e-4)
  })

  test('sees latencies that do not fit the times of the events', () => {
    const tally = evenRun(100, 1e6, 1e6)
    tally.settledSumNs += 100 * 0.02e6
    const check = checkLittlesLaw(tally)
    expect.assert(check !== undefined)

    expect(check.ratio).toBeCloseTo(1.02, 9)
    expect(littlesLawHolds(check)).toBe(false)
  })

  test.each([
    { what: 'nothing was sent', tally: new Tally(START_NS) },
    {
      what: 'a message was not settled',
      tally: Object.assign(evenRun(10, 1e6, 1e6), { produced: 11 }),
    },
    {
      what: 'not all latencies are known',
      tally: Object.assign(evenRun(10, 1e6, 1e6), { produced: 11, settled: 11 }),
    },
    { what: 'no time passed', tally: evenRun(1, 0, 0) },
    {
      what: 'the first PRODUCE is unknown',
      tally: Object.assign(evenRun(10, 1e6, 1e6), { firstProduceSentNs: 0 }),
    },
  ])('says nothing when $what', ({ tally }) => {
    expect(checkLittlesLaw(tally)).toBeUndefined()
  })
})

test.each([
  { ratio: 0.9899, holds: false },
  { ratio: 0.9901, holds: true },
  { ratio: 1, holds: true },
  { ratio: 1.0099, holds: true },
  { ratio: 1.0101, holds: false },
  { ratio: Number.NaN, holds: false },
])('littlesLawHolds() of a ratio of $ratio is $holds', ({ ratio, holds }) => {
  expect(littlesLawHolds({ inSystem: 1, rate: 1, latencyMs: 1, ratio })).toBe(holds)
})
