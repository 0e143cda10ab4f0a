import { describe, expect, test } from 'vitest'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from '../../wire/frame.ts'
import { dueTimes, type Shape } from './shape.ts'

const UNSHAPED: Shape = {
  produceDelayNs: 0,
  acquireDelayNs: 0,
  settleDelayNs: 0,
  ratePerSecond: undefined,
  pause: undefined,
}

describe('dueTimes()', () => {
  test.each([
    { command: PRODUCE, dueNs: 1_003 },
    { command: ACQUIRE_NEXT, dueNs: 1_020 },
    { command: SETTLE, dueNs: 1_100.5 },
    { command: 9, dueNs: 1_000 },
    { command: undefined, dueNs: 1_000 },
  ])('makes command $command of 1000 ns due at $dueNs ns', ({ command, dueNs }) => {
    const due = dueTimes({
      ...UNSHAPED,
      produceDelayNs: 3,
      acquireDelayNs: 20,
      settleDelayNs: 100.5,
    })
    expect(due(command, 1_000)).toBe(dueNs)
    expect(due(command, 1_000), 'side by side').toBe(dueNs)
  })

  test('with a rate lets each PRODUCE wait for its turn, and then for its delay', () => {
    const due = dueTimes({ ...UNSHAPED, ratePerSecond: 1e8, produceDelayNs: 3, settleDelayNs: 1 })
    const arrivals = [500, 500, 500, 525, 525]
    expect(arrivals.map(arrivalNs => due(PRODUCE, arrivalNs))).toEqual([503, 513, 523, 533, 543])
    expect(due(SETTLE, 525), 'other commands do not wait').toBe(526)
  })

  test('below the rate makes nobody wait, and above it without bound', () => {
    const waits = (arrivalIntervalNs: number) => {
      const due = dueTimes({ ...UNSHAPED, ratePerSecond: 1e8 })
      const arrivals = Array.from({ length: 1_000 }, (_, index) => index * arrivalIntervalNs)
      return arrivals.map(arrivalNs => due(PRODUCE, arrivalNs) - arrivalNs)
    }
    expect(Math.max(...waits(11))).toBe(0)
    expect(waits(9)).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
  })

  test('earns no burst from time without requests', () => {
    const due = dueTimes({ ...UNSHAPED, ratePerSecond: 1e8 })
    expect([0, 5_000, 5_000].map(arrivalNs => due(PRODUCE, arrivalNs))).toEqual([0, 5_000, 5_010])
  })
})
