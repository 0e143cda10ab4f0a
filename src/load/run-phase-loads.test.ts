import { describe, expect, test } from 'vitest'
import type { Stage } from '../config/scenario.ts'
import { deliverTwice, lose } from '../testing/lies/delivery.ts'
import { honestly } from '../testing/lies/lie.ts'
import {
  phaseOutcomeOf,
  requestsOf,
  type SimulationSettings,
  simulatePhase,
} from '../testing/simulated-crew.ts'

const stage = (fromRate: number, toRate: number, seconds: number): Stage => ({
  fromRate,
  toRate,
  seconds,
})

const open = (...stages: Stage[]) => ({ kind: 'open', arrival: 'constant', stages }) as const
const poisson = (...stages: Stage[]) => ({ kind: 'open', arrival: 'poisson', stages }) as const

/** An open loop never waits for answers. */
const ROOM = { producerPipeline: 64 }

/** Each has 60 messages, or time for as many at least. */
const LOADS: Readonly<Record<string, SimulationSettings>> = {
  'mode produce': { mode: 'produce' },
  'mode drain': { mode: 'drain' },
  'mode produce of three threads': { mode: 'produce', threads: 3, pipeline: 8 },
  'mode drain of three threads': { mode: 'drain', threads: 3, pipeline: 8 },
  'a rate': { ...ROOM, load: open(stage(600, 600, 0.1)) },
  'a rate of three spinning threads': {
    ...ROOM,
    load: open(stage(600, 600, 0.1)),
    threads: 3,
    spins: true,
  },
  'random arrivals': { ...ROOM, load: poisson(stage(600, 600, 0.1)) },
  'a rate with one request at a time': { load: open(stage(600, 600, 0.1)) },
  'stages in mode produce': {
    ...ROOM,
    load: open(stage(0, 600, 0.1), stage(300, 300, 0.1)),
    mode: 'produce',
  },
  'a time': { load: { kind: 'closed', durationSeconds: 0.03 }, msgs: 1000 },
  'a time in mode produce': {
    load: { kind: 'closed', durationSeconds: 0.03 },
    msgs: 1000,
    mode: 'produce',
  },
  'slow handlers': { processingMs: 7, pipeline: 3 },
}

describe.each(Object.entries(LOADS))('runPhase() with %s', (_name, settings) => {
  test('is exactly once, and every message that was sent is accounted for', async () => {
    const outcome = await simulatePhase(honestly, settings)

    expect(phaseOutcomeOf(outcome)).toBe('completed exactly-once')
    const { counts, tally } = outcome
    expect(counts.sent).toBeGreaterThanOrEqual(60)
    expect(counts).toMatchObject({ produced: counts.sent, settled: counts.sent })
    expect(tally).toMatchObject({ produced: counts.sent, settled: counts.sent, unsent: 0 })
    if (settings.load?.kind !== 'closed') expect(counts.sent).toBe(60)
  })

  test('has lost=1 of a lost message', async () => {
    expect(phaseOutcomeOf(await simulatePhase(lose(20), settings))).toBe('stalled violated lost=1')
  })

  test('has duplicated=1 of a message that comes twice', async () => {
    const outcome = await simulatePhase(deliverTwice(20), settings)

    expect(phaseOutcomeOf(outcome)).toBe('completed violated duplicated=1')
  })
})

describe('runPhase() asks for nothing before all is produced', () => {
  test.each(['produce', 'drain'] as const)('in mode %s', async mode => {
    const { requests } = await requestsOf({ mode, threads: 2 })

    const kinds = requests.map(({ kind }) => kind)
    expect(kinds.indexOf('acquire')).toBe(60)
    expect(kinds.lastIndexOf('produce')).toBe(59)
  })
})

test('runPhase() in mode drain times from when consuming begins, with the backlog there', async () => {
  const { requests, outcome } = await requestsOf({ mode: 'drain', threads: 2 })

  const { tally } = outcome
  expect(tally.startNs).toBeGreaterThanOrEqual(tally.lastProduceAcknowledgedNs)
  expect(requests.find(({ kind }) => kind === 'acquire')?.ms).toBe(0)
  const { slices } = tally.toTimeline()
  expect(slices.map(slice => slice.producerThroughput)).toEqual(slices.map(() => 0))
  expect(slices[0]?.queueDepth).toBe(60)
  expect(slices[0]?.consumerThroughput).toBeGreaterThan(0)
})

test('runPhase() in mode produce has the backlog at its peak, and times from its start', async () => {
  const { requests, outcome } = await requestsOf({ mode: 'produce' })

  expect(requests[0]).toMatchObject({ kind: 'produce', ms: 0 })
  expect(outcome.tally.maxQueueDepth).toBe(60)
})
