import { describe, expect, test } from 'vitest'
import type { Budget } from '../config/scenario.ts'
import type { Metrics } from '../measure/metrics.ts'
import { judgeBudgets } from './budgets.ts'

const LATENCY = { mean: 20, p50: 18, p90: 40, p95: 50, p99: 61.234, p999: 90, max: 120 }
const METRICS: Metrics = { consumerThroughput: 5_000, latencyMs: LATENCY, maxQueueDepth: 1 }

describe('judgeBudgets()', () => {
  test.each([
    { metric: 'latencyMs.p95', bound: 'max', limit: 50, verdict: 'pass' },
    { metric: 'latencyMs.p95', bound: 'max', limit: 49.999, verdict: 'fail' },
    { metric: 'consumerThroughput', bound: 'min', limit: 5_000, verdict: 'pass' },
    { metric: 'consumerThroughput', bound: 'min', limit: 5_000.001, verdict: 'fail' },
  ] as const)('$metric $bound $limit is $verdict', ({ verdict, ...rest }) => {
    expect(judgeOne({ ...rest, level: 'error' }).verdict).toBe(verdict)
  })

  test('a broken budget of level warn is a warning, a kept one passes', () => {
    expect(judgeOne(maximum(49, 'warn')).verdict).toBe('warn')
    expect(judgeOne(maximum(50, 'warn')).verdict).toBe('pass')
  })

  test.each(['error', 'warn'] as const)('a metric without data is no-data at level %s', level => {
    const result = judgeOne({ metric: 'holdMs.p95', bound: 'max', limit: 5, level })
    expect(result).toMatchObject({
      verdict: 'no-data',
      value: null,
      reason: 'holdMs.p95 has no data to hold against the maximum of 5 ms',
    })
  })

  test('a metric that does not exist is no-data, not a pass', () => {
    const result = judgeOne({ metric: 'speed', bound: 'min', limit: 5, level: 'error' })
    expect(result).toMatchObject({
      verdict: 'no-data',
      reason: 'speed has no data to hold against the minimum of 5',
    })
  })

  test('a limit that is not a number is never kept', () => {
    expect(judgeOne(maximum(Number.NaN)).verdict).toBe('fail')
  })

  test('gives the reason with limit, value and unit', () => {
    const reasons = judgeBudgets(
      [
        { metric: 'latencyMs.p99', bound: 'max', limit: 50, level: 'error' },
        { metric: 'latencyMs.p99', bound: 'max', limit: 100, level: 'error' },
        { metric: 'consumerThroughput', bound: 'min', limit: 12_000, level: 'warn' },
        { metric: 'maxQueueDepth', bound: 'max', limit: 0, level: 'error' },
      ],
      METRICS,
    ).map(result => result.reason)
    expect(reasons).toEqual([
      'latencyMs.p99 is 61.2 ms, over the maximum of 50 ms',
      'latencyMs.p99 is 61.2 ms, within the maximum of 100 ms',
      'consumerThroughput is 5,000 msg/s, under the minimum of 12,000 msg/s',
      'maxQueueDepth is 1 message, over the maximum of 0 messages',
    ])
  })

  test('never rounds a value to the limit that it breaks', () => {
    const [result] = judgeBudgets([maximum(50)], { latencyMs: { ...LATENCY, p95: 50.0004 } })
    expect(result?.reason).toBe('latencyMs.p95 is 50.0004 ms, over the maximum of 50 ms')
  })

  test('answers every budget, in the order given', () => {
    const budgets = [maximum(1), maximum(100), maximum(2, 'warn')]
    const results = judgeBudgets(budgets, METRICS)
    expect(results.map(result => result.limit)).toEqual([1, 100, 2])
    expect(results.map(result => result.verdict)).toEqual(['fail', 'pass', 'warn'])
  })
})

function judgeOne(budget: Budget) {
  const [result, ...others] = judgeBudgets([budget], METRICS)
  expect.assert(result !== undefined)
  expect(others).toEqual([])
  return result
}

function maximum(limit: number, level: Budget['level'] = 'error'): Budget {
  return { metric: 'latencyMs.p95', bound: 'max', limit, level }
}
