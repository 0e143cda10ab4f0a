import { describe, expect, test } from 'vitest'
import type { LatencySummary, Metrics } from './metrics.ts'
import { medianMetrics, spreadOf } from './rounds.ts'

const ROUNDS: readonly Metrics[] = [
  { consumerThroughput: 300, latencyMs: latency(1), messagesPerCpuSecond: { server: 10 } },
  {
    consumerThroughput: 100,
    latencyMs: latency(9),
    messagesPerCpuSecond: { server: 30, load: 5 },
    maxQueueDepth: 4,
  },
  {
    consumerThroughput: 1000,
    latencyMs: latency(2),
    messagesPerCpuSecond: { server: 20, load: 6 },
    maxQueueDepth: 0,
  },
]

describe('medianMetrics()', () => {
  test('takes the middle of each metric for itself, of those that all rounds have', () => {
    expect(medianMetrics(ROUNDS)).toEqual({
      consumerThroughput: 300,
      latencyMs: latency(2),
      messagesPerCpuSecond: { server: 20 },
    })
  })

  test('takes the middle of the two in the middle of an even number', () => {
    expect(medianMetrics(ROUNDS.slice(1))).toEqual({
      consumerThroughput: 550,
      latencyMs: latency(5.5),
      messagesPerCpuSecond: { server: 25, load: 5.5 },
      maxQueueDepth: 2,
    })
  })

  test('is the round itself when there is one, and nothing of none', () => {
    for (const round of ROUNDS) expect(medianMetrics([round])).toEqual(round)
    expect(medianMetrics([])).toEqual({})
  })
})

describe('spreadOf()', () => {
  test('has least and largest by full name, of what all rounds have', () => {
    const spread = spreadOf(ROUNDS)

    expect(spread).toMatchObject({
      consumerThroughput: { min: 100, max: 1000 },
      'latencyMs.p95': { min: 1, max: 9 },
      'messagesPerCpuSecond.server': { min: 10, max: 30 },
    })
    expect(Object.keys(spread)).toHaveLength(1 + 7 + 1)
  })

  test('has nothing of no rounds', () => {
    expect(spreadOf([])).toEqual({})
  })
})

function latency(ms: number): LatencySummary {
  return { mean: ms, p50: ms, p90: ms, p95: ms, p99: ms, p999: ms, max: ms }
}
