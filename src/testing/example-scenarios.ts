import type { Hold, MeasuredScenario, RoundResult } from '../judge/result.ts'
import type { Metrics } from '../measure/metrics.ts'
import { medianMetrics, spreadOf } from '../measure/rounds.ts'
import type { Timeline, TimelineSlice } from '../measure/timeline.ts'
import {
  correctness,
  latency,
  measuredScenario,
  metrics,
  params,
  timeline,
} from './example-results.ts'

/** Messages at their due times, nearly all of which were sent on time. */
export function openLoopScenario(overrides: Partial<MeasuredScenario> = {}): MeasuredScenario {
  return measuredScenario({
    name: 'Steady Rate',
    params: { ...params(2, 10), rate: 10_000, arrival: 'poisson', payloadBytes: [100, 2_000] },
    metrics: metrics({ ...openLoop(10_000), efficiency: 1_000 }),
    ...overrides,
  })
}

/** Five rounds; the figures are their medians. */
export function roundsScenario(overrides: Partial<MeasuredScenario> = {}): MeasuredScenario {
  const throughputs = [25_805, 24_870, 26_940, 25_100, 26_200]
  const rounds = throughputs.map(
    (throughput): RoundResult => ({
      metrics: metrics({
        producerThroughput: throughput * 1.05,
        consumerThroughput: throughput,
        efficiency: throughput / 50,
        latencyMs: latency(100_000 / throughput),
      }),
      correctness: correctness({}),
    }),
  )
  const measured = rounds.map(round => round.metrics)
  return measuredScenario({
    name: 'Five Rounds',
    params: { ...params(10, 50), rounds: 5 },
    metrics: medianMetrics(measured),
    correctness: correctness({ produced: 500_000, settled: 500_000 }),
    rounds,
    spread: spreadOf(measured),
    ...overrides,
  })
}

/** The three scenarios that a sweep made of one entry. */
export function sweptScenarios(): readonly MeasuredScenario[] {
  return [1, 2, 4].map(consumers => {
    const throughput = 8_000 * Math.sqrt(consumers)
    return measuredScenario({
      name: `Scaling [consumers=${consumers}]`,
      group: 'Scaling',
      params: params(1, consumers),
      metrics: metrics({
        consumerThroughput: throughput,
        efficiency: throughput / consumers,
        latencyMs: latency(4 * consumers),
      }),
    })
  })
}

const SEARCH = {
  fromRate: 1000,
  toRate: 50_000,
  holdSeconds: 2,
  while: [{ metric: 'latencyMs.p99', bound: 'max', limit: 20, level: 'error' }],
} as const

/** A search between 1,000 and 50,000 messages per second. */
export function searchScenario(overrides: Partial<MeasuredScenario> = {}): MeasuredScenario {
  const rates = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 24_000, 20_000, 22_000, 23_000]
  const { msgs: _, ...withoutMsgs } = params(2, 10)
  return measuredScenario({
    name: 'Highest Rate',
    params: { ...withoutMsgs, find: SEARCH, arrival: 'constant' },
    metrics: metrics({ ...openLoop(23_000), maxSustainableRate: 23_000 }),
    found: { rate: 23_000, failedAt: 24_000, holds: rates.map(hold) },
    ...overrides,
  })
}

/** Ingestion timed alone. */
export function produceScenario(overrides: Partial<MeasuredScenario> = {}): MeasuredScenario {
  const { producerThroughput = 0, durationMs = 0 } = metrics({})
  return measuredScenario({
    name: 'Ingest Only',
    params: { ...params(4, 1), mode: 'produce' },
    metrics: {
      producerThroughput,
      ingestMs: latency(0.08),
      maxQueueDepth: 100_000,
      messagesPerCpuSecond: { server: 48_000, load: 31_000 },
      durationMs,
    },
    timeline: oneSided({ consumerThroughput: 0, inFlight: 0 }),
    ...overrides,
  })
}

/** The consumption of a backlog timed alone. */
export function drainScenario(overrides: Partial<MeasuredScenario> = {}): MeasuredScenario {
  const { consumerThroughput = 0, efficiency = 0, durationMs = 0 } = metrics({})
  return measuredScenario({
    name: 'Drain Only',
    params: { ...params(1, 4), mode: 'drain', processingMs: 5 },
    metrics: {
      consumerThroughput,
      efficiency,
      settleMs: latency(0.09),
      holdMs: latency(5.2),
      maxQueueDepth: 100_000,
      maxInFlight: 4,
      emptyAcquires: 0,
      messagesPerCpuSecond: { server: 36_000, load: 27_000 },
      durationMs,
    },
    timeline: oneSided({ producerThroughput: 0, inFlight: 4 }),
    ...overrides,
  })
}

/** What an open loop at `rate` adds and changes, where the server keeps up. */
export function openLoop(rate: number): Partial<Metrics> {
  return {
    offeredRate: rate,
    acceptedRate: rate * 0.999,
    producerThroughput: rate * 0.999,
    consumerThroughput: rate * 0.998,
    lagMs: latency(0.2),
  }
}

/** The server of this one is overrun from 23,500 messages per second on. */
function hold(rate: number): Hold {
  const isHeld = rate < 23_500
  return {
    rate,
    verdict: isHeld ? 'pass' : 'fail',
    reasons: isHeld ? [] : ['latencyMs.p99 is 61.2 ms, over the maximum of 50 ms'],
    metrics: metrics({
      ...openLoop(rate),
      latencyMs: { ...latency(rate / 2_000), p99: isHeld ? rate / 1_500 : 61.2 },
    }),
  }
}

function oneSided(changes: Partial<TimelineSlice>): Timeline {
  const { sliceMs, slices } = timeline()
  return { sliceMs, slices: slices.map(({ latencyMs: _, ...slice }) => ({ ...slice, ...changes })) }
}
