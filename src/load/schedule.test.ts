import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Arrival, Stage } from '../config/scenario.ts'
import { type Assignment, messagesOf } from '../ledger/assignment.ts'
import { distanceFrom } from '../testing/statistics.ts'
import { type OpenLoad, RateProfile, Schedule, scheduleOf } from './schedule.ts'

const stage = (fromRate: number, toRate: number, seconds: number): Stage => ({
  fromRate,
  toRate,
  seconds,
})

function dueNsOf(load: OpenLoad, assignment: Assignment, producer: number, seed = 1): number[] {
  const schedule = scheduleOf(load, assignment, producer, seed)
  const times: number[] = []
  for (; schedule.nextDueNs < Number.POSITIVE_INFINITY; schedule.advance()) {
    times.push(schedule.nextDueNs)
  }
  schedule.advance()
  expect(schedule.nextDueNs, 'it stays at its end').toBe(Number.POSITIVE_INFINITY)
  return times
}

/** Of all producers, in order. */
function allDueNsOf(load: OpenLoad, assignment: Assignment, seed?: number): number[] {
  const producers = Array.from({ length: assignment.producers }, (_, producer) => producer)
  return producers
    .flatMap(producer => dueNsOf(load, assignment, producer, seed))
    .toSorted((a, b) => a - b)
}

const rates = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 5000 }),
  fc.double({ min: 1e-9, max: 500, noNaN: true }),
)
const stages = fc.array(
  fc.record({
    fromRate: rates,
    toRate: rates,
    seconds: fc.double({ min: 0.001, max: 20, noNaN: true }),
  }),
  { minLength: 1, maxLength: 6 },
)

describe('RateProfile.timeOf()', () => {
  const pause = stage(0, 0, 5)
  test.each<{ name: string; stages: Stage[]; times: Record<number, number> }>([
    {
      name: 'a constant rate',
      stages: [stage(1000, 1000, 2)],
      times: { 0: 0, 3: 3e6, 1999: 1.999e9, 2000: 2e9 },
    },
    {
      name: 'a step',
      stages: [stage(10, 10, 1), stage(1000, 1000, 1)],
      times: { 0: 0, 9: 0.9e9, 10: 1e9, 11: 1.001e9, 510: 1.5e9, 1010: 2e9 },
    },
    // t² / 2 · 100 per second: 50 in the first second, 150 in the second.
    {
      name: 'a ramp from 0',
      stages: [stage(0, 200, 2)],
      times: { 0: 0, 50: 1e9, 200: 2e9, 12.5: 0.5e9 },
    },
    {
      name: 'a ramp to 0',
      stages: [stage(200, 0, 2)],
      times: { 0: 0, 150: 1e9, 187.5: 1.5e9, 200: 2e9 },
    },
    // 100 t + 50 t².
    {
      name: 'a ramp between rates',
      stages: [stage(100, 300, 2)],
      times: { 0: 0, 62.5: 0.5e9, 150: 1e9, 400: 2e9 },
    },
    {
      name: 'a ramp up, a plateau and a ramp down',
      stages: [stage(0, 100, 2), stage(100, 100, 1), stage(100, 0, 2)],
      times: { 25: 1e9, 100: 2e9, 150: 2.5e9, 200: 3e9, 275: 4e9, 300: 5e9 },
    },
    {
      name: 'a pause at the start',
      stages: [pause, stage(10, 10, 1)],
      times: { 0: 5e9, 1: 5.1e9 },
    },
    {
      name: 'a pause in the middle, after which the next one is due',
      stages: [stage(10, 10, 1), pause, pause, stage(10, 10, 1)],
      times: { 9: 0.9e9, 9.5: 0.95e9, 10: 11e9, 11: 11.1e9 },
    },
    {
      name: 'a pause at the end',
      stages: [stage(10, 10, 1), pause],
      times: { 9: 0.9e9, 10: 1e9, 99: 1e9 },
    },
  ])('of $name is as computed by hand', ({ stages, times }) => {
    const profile = new RateProfile(stages)
    const asked = Object.entries(times)
    // There and back again: no answer depends on what was asked before.
    for (const [position, timeNs] of [...asked, ...asked.toReversed()]) {
      expect(profile.timeOf(Number(position)), position).toBeCloseTo(timeNs, 3)
    }
  })

  test('of nothing but pauses is never', () => {
    const profile = new RateProfile([stage(0, 0, 5)])
    expect(profile).toMatchObject({ totalMessages: 0, lengthNs: 5e9 })
    expect(profile.timeOf(0)).toBe(Number.POSITIVE_INFINITY)
  })

  test('takes sums that rounding has lifted above a whole number for that number', () => {
    const before = stage(2.2, 2.2, 25)
    expect(new RateProfile([before]).totalMessages).toBeGreaterThan(55)
    const profile = new RateProfile([before, stage(0, 0, 5), stage(1, 1, 1)])
    expect(profile.timeOf(55)).toBe(30e9)
  })

  test.each([1e-12, 1e-9, 1e-6, 1e-3, -1e-12, -1e-9, -1e-6, -1e-3])(
    'goes over into a constant rate when the rate changes by %d',
    change => {
      const profile = new RateProfile([stage(1000, 1000 + change, 100)])
      for (const position of [1, 1000, 50_000, 99_999]) {
        const constantNs = position * 1e6
        const apart = Math.abs(profile.timeOf(position) - constantNs) / constantNs
        expect(apart).toBeLessThanOrEqual(Math.abs(change) / 1000 + 1e-15)
      }
    },
  )

  test('gives back the sum of the rate up to it, whatever the stages', () => {
    fc.assert(
      fc.property(stages, fc.double({ min: 0, max: 1, noNaN: true }), (stages, share) => {
        const profile = new RateProfile(stages)
        fc.pre(profile.totalMessages > 0)
        const position = share * profile.totalMessages
        const timeNs = profile.timeOf(position)
        expect(timeNs).toBeGreaterThanOrEqual(0)
        expect(timeNs).toBeLessThanOrEqual(profile.lengthNs)
        const error = Math.abs(sumUntil(stages, timeNs / 1e9) - position)
        expect(error).toBeLessThan(2e-6 + 1e-9 * profile.totalMessages)
      }),
    )
  })
})

function sumUntil(stages: readonly Stage[], seconds: number): number {
  let sum = 0
  let left = seconds
  for (const { fromRate, toRate, seconds: length } of stages) {
    const passed = Math.max(0, Math.min(left, length))
    sum += fromRate * passed + (((toRate - fromRate) / length) * passed ** 2) / 2
    left -= length
  }
  return sum
}

describe('scheduleOf() constant arrivals', () => {
  test('lets producers take turns', () => {
    const load: OpenLoad = { kind: 'open', arrival: 'constant', stages: [stage(10, 10, 0.7)] }
    const assignment = { producers: 3, msgs: 7 }
    expect(dueNsOf(load, assignment, 0)).toEqual([0, 0.3e9, 0.6e9])
    expect(dueNsOf(load, assignment, 1)).toEqual([0.1e9, 0.4e9])
    expect(dueNsOf(load, assignment, 2)).toEqual([0.2e9, 0.5e9])
  })

  test('spreads a number of messages that was rounded over the whole profile', () => {
    const load: OpenLoad = { kind: 'open', arrival: 'constant', stages: [stage(2.5, 2.5, 1)] }
    expect(dueNsOf(load, { producers: 1, msgs: 2 }, 0)).toEqual([0, 0.5e9])
    expect(dueNsOf(load, { producers: 1, msgs: 3 }, 0)).toEqual([0, 333_333_333, 666_666_667])
  })

  test('has each position once over all producers', () => {
    const assignments = fc.record({
      producers: fc.integer({ min: 1, max: 50 }),
      msgs: fc.integer({ min: 1, max: 500 }),
    })
    fc.assert(
      fc.property(assignments, assignment => {
        const { msgs } = assignment
        const stages = [stage(1, 1, msgs)]
        const load: OpenLoad = { kind: 'open', arrival: 'constant', stages }
        const positions = allDueNsOf(load, assignment).map(dueNs => dueNs / 1e9)
        expect(positions).toEqual(Array.from({ length: msgs }, (_, position) => position))
      }),
    )
  })
})

test('scheduleOf() Poisson arrivals follow the rate of a ramp, the same for the same seed', () => {
  const load: OpenLoad = { kind: 'open', arrival: 'poisson', stages: [stage(0, 2000, 20)] }
  const assignment = { producers: 7, msgs: 20_000 }
  const times = allDueNsOf(load, assignment, 42)
  const seconds = Float64Array.from(times, dueNs => dueNs / 1e9)
  expect(distanceFrom(seconds, time => (time / 20) ** 2)).toBeLessThan(1.63)
  expect(allDueNsOf(load, assignment, 42)).toEqual(times)
  expect(allDueNsOf(load, assignment, 43)).not.toEqual(times)
})

test('Schedule never goes back, even where its positions do', () => {
  const positions = [0, 2, 1.9, 3]
  const profile = new RateProfile([stage(1, 1, 9)])
  const schedule = new Schedule(profile, { next: () => positions.shift() ?? 0 }, positions.length)
  const times: number[] = []
  for (; schedule.nextDueNs < Number.POSITIVE_INFINITY; schedule.advance()) {
    times.push(schedule.nextDueNs)
  }
  expect(times).toEqual([0, 2e9, 2e9, 3e9])
})

test('scheduleOf() never goes back, leaves the run or loses a message, whatever the stages', () => {
  const options = fc.record({
    stages,
    arrival: fc.constantFrom<Arrival>('constant', 'poisson'),
    producers: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(),
  })
  fc.assert(
    fc.property(options, ({ stages, arrival, producers, seed }) => {
      const { totalMessages, lengthNs } = new RateProfile(stages)
      fc.pre(totalMessages > 0)
      const msgs = Math.max(1, Math.min(1000, Math.round(totalMessages)))
      for (let producer = 0; producer < producers; producer += 1) {
        const assignment = { producers, msgs }
        const times = dueNsOf({ kind: 'open', arrival, stages }, assignment, producer, seed)
        expect(times).toHaveLength(messagesOf(assignment, producer))
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        for (const dueNs of times) {
          expect.assert(Number.isInteger(dueNs) && dueNs >= 0 && dueNs <= lengthNs + 1)
        }
      }
    }),
  )
})
