import { describe, expect, test } from 'vitest'
import type { Arrival, Stage } from '../config/scenario.ts'
import { checkLittlesLaw, littlesLawHolds } from '../measure/littles-law.ts'
import { lose } from '../testing/lies/delivery.ts'
import { honestly } from '../testing/lies/lie.ts'
import { replyFrom } from '../testing/lies/protocol.ts'
import {
  phaseOutcomeOf,
  requestsOf,
  type SimulationSettings,
  simulatePhase,
} from '../testing/simulated-crew.ts'
import { type OpenLoad, scheduleOf } from './schedule.ts'

const stage = (fromRate: number, toRate: number, seconds: number): Stage => ({
  fromRate,
  toRate,
  seconds,
})

const open = (arrival: Arrival, ...stages: Stage[]): OpenLoad => ({
  kind: 'open',
  arrival,
  stages,
})

/** It never has to wait for an answer. */
const ROOM = { producerPipeline: 64 }
/** 60 messages. */
const RAMP = [stage(0, 600, 0.1), stage(0, 0, 0.05), stage(600, 0, 0.1)]
const STEADY = open('constant', stage(600, 600, 0.1))

/** When each of the 60 messages is due, in ms from the start, in order. */
function duesMs(load: OpenLoad): readonly number[] {
  const assignment = { producers: 3, msgs: 60 }
  const dues = [0, 1, 2].flatMap(producer => {
    const schedule = scheduleOf(load, assignment, producer, 1)
    return Array.from({ length: 20 }, () => {
      const { nextDueNs } = schedule
      schedule.advance()
      return nextDueNs / 1e6
    })
  })
  return dues.toSorted((a, b) => a - b)
}

describe('runPhase() of an open loop', () => {
  test('sends when its schedule says, never early, and no later than a timer is', async () => {
    const load = open('constant', ...RAMP)
    const { produces, outcome } = await requestsOf({ ...ROOM, load, threads: 2 })

    const dueMs = duesMs(load)
    expect(produces).toHaveLength(60)
    for (const [index, { ms }] of produces.entries()) {
      expect(ms).toBeGreaterThanOrEqual((dueMs[index] ?? 0) - 1e-6)
      expect(ms).toBeLessThanOrEqual((dueMs[index] ?? 0) + 1)
    }
    const { tally } = outcome
    const sumMs = dueMs.reduce((total, ms) => total + ms)
    expect(tally.sentSumNs / 1e6).toBeCloseTo(sumMs, 3)
    expect(tally.lag.count).toBe(60)
    expect(tally.lag.maxNs).toBeLessThanOrEqual(1e6)
  })

  test('has figures that agree by the law of Little', async () => {
    const { tally } = await simulatePhase(honestly, { ...ROOM, load: open('poisson', ...RAMP) })

    const law = checkLittlesLaw(tally)
    expect.assert(law !== undefined)
    expect(littlesLawHolds(law), `${law.ratio}`).toBe(true)
    expect(tally.idleWaitNs).toBeGreaterThan(0)
    expect(tally.idleWaitNs).toBeLessThan(tally.wait.sumNs)
  })

  test('repeats times and sizes with its seed and no other, sizes over any threads', async () => {
    const settings = {
      ...ROOM,
      load: open('poisson', ...RAMP),
      payloadBytes: { min: 20, max: 300 },
    }
    const run = async (more: SimulationSettings) => {
      const { produces } = await requestsOf({ ...settings, ...more })
      return {
        times: produces.map(({ ms }) => Math.round(ms * 1e6)),
        sizes: produces.map(({ bytes }) => bytes).toSorted((a, b) => a - b),
      }
    }
    const one = await run({ seed: 7 })
    const other = await run({ seed: 8 })

    expect(await run({ seed: 7 })).toEqual(one)
    expect((await run({ seed: 7, threads: 3 })).sizes).toEqual(one.sizes)
    expect(other.times).not.toEqual(one.times)
    expect(other.sizes).not.toEqual(one.sizes)
    expect(Math.min(...one.sizes)).toBeGreaterThanOrEqual(20)
    expect(Math.max(...one.sizes)).toBeLessThanOrEqual(300)
  })

  test('leaves what was due before its steady part out of its figures, and verifies it', async () => {
    const settings = { ...ROOM, load: STEADY, steadyFromMs: 25 }
    const { outcome, produces } = await requestsOf(settings)
    const steady = duesMs(STEADY).filter(ms => ms >= 25)

    expect(produces).toHaveLength(60)
    expect(outcome.counts).toMatchObject({ sent: 60, produced: 60, settled: 60 })
    expect(steady).toHaveLength(45)
    const { tally } = outcome
    expect(tally).toMatchObject({ produced: 45, settled: 45, deliveries: 60 })
    expect([tally.latency.count, tally.ingest.count, tally.lag.count]).toEqual([45, 45, 45])
    const lost = await simulatePhase(lose(3), settings)
    expect(phaseOutcomeOf(lost)).toBe('stalled violated lost=1')
  })

  test('drops what it could not send until 100 ms after its end, and verifies the rest', async () => {
    const load = open('constant', stage(30_000, 30_000, 0.01))
    const outcome = await simulatePhase(honestly, { load, msgs: 300, producers: 1 })

    // One request at a time, of 1 ms each.
    expect(phaseOutcomeOf(outcome)).toBe('completed exactly-once')
    expect(outcome.counts.sent).toBe(110)
    expect(outcome.tally).toMatchObject({ unsent: 190, produced: 110, settled: 110 })
  })
})

describe('runPhase() of an open loop with a pause longer than a stall may be', () => {
  const load = open('constant', stage(600, 600, 0.05), stage(0, 0, 1.5), stage(600, 600, 0.05))
  const settings = { ...ROOM, load, stallTimeoutMs: 300 }

  test.each(['concurrent', 'produce'] as const)('does not stall in mode %s', async mode => {
    const outcome = await simulatePhase(honestly, { ...settings, mode })

    expect(phaseOutcomeOf(outcome)).toBe('completed exactly-once')
  })

  test('stalls when a message is missing in the pause, and claims no loss before the end', async () => {
    const outcome = await simulatePhase(lose(20), settings)

    expect(phaseOutcomeOf(outcome)).toBe('stalled unknown')
    expect(outcome.counts).toMatchObject({ sent: 30, missing: 1 })
  })

  test('stalls when nobody gets anything after it, in mode produce', async () => {
    const lie = replyFrom(1, 'acquire', () => ({ kind: 'empty' }))
    const outcome = await simulatePhase(lie, { ...settings, mode: 'produce' })

    expect(phaseOutcomeOf(outcome)).toBe('stalled violated lost=60')
  })
})

describe('runPhase() of an open loop against a server that goes silent', () => {
  // What the driver asks for has a limit of its own; in this simulation it has none.
  test.each([
    { kind: 'acquire', outcome: 'stalled unknown', words: 'No progress for 500 ms' },
    { kind: 'settle', outcome: 'stalled unknown', words: 'No progress for' },
    { kind: 'any', outcome: 'stalled unknown', words: 'No progress for 500 ms' },
    { kind: 'produce', outcome: 'failed unknown', words: 'The scenario took too long' },
  ] as const)('to $kind is $outcome', async ({ kind, outcome, words }) => {
    const lie = replyFrom(20, kind, () => ({ kind: 'silence' }))
    const settings = { ...ROOM, load: STEADY, timeoutMs: 2000, leaseMs: 200 }
    const silent = await simulatePhase(lie, settings)

    expect(phaseOutcomeOf(silent)).toBe(outcome)
    expect.assert(silent.drain.kind === 'not-drained')
    expect(silent.drain.reason).toContain(words)
  })
})
