import { describe, expect, test } from 'vitest'
import type { MeasuredScenario } from '../judge/result.ts'
import type { Metrics } from '../measure/metrics.ts'
import {
  correctness,
  failedScenario,
  latency,
  measuredScenario,
  metrics,
  params,
} from '../testing/example-results.ts'
import { searchScenario } from '../testing/example-scenarios.ts'
import { observe } from './scaling.ts'

const BASELINE = scenario('Baseline', [1, 1], {
  producerThroughput: 8_000,
  consumerThroughput: 8_000,
  efficiency: 8_000,
})
const STRESS = scenario('Stress', [10, 50], {
  producerThroughput: 24_500,
  consumerThroughput: 24_000,
  efficiency: 480,
})

describe('observe()', () => {
  test('compares the highest throughput with the smallest load', () => {
    expect(observe([BASELINE, STRESS])).toContain(
      'Consumer throughput is highest in Stress (10 producers, 50 consumers): 24,000 msg/s, 3.0× the 8,000 msg/s of Baseline (1 producer, 1 consumer)',
    )
  })

  test('says that more participants did not help when they did not', () => {
    const slower = scenario('Slower', [10, 50], { consumerThroughput: 6_000 })
    expect(observe([BASELINE, slower])[0]).toBe(
      'More producers and consumers do not raise consumer throughput: Slower (10 producers, 50 consumers) reaches 6,000 msg/s, Baseline (1 producer, 1 consumer) 8,000 msg/s',
    )
  })

  test('calls two loads of one size neither better for more participants', () => {
    const twin = { ...BASELINE, name: 'Twin' }
    expect(observe([BASELINE, twin])).toEqual([])
  })

  test('shows what efficiency loses from the fewest to the most participants', () => {
    expect(observe([STRESS, BASELINE])).toContain(
      'Efficiency falls 17×, from 8,000 msg/s per participant with 1 (Baseline) to 480 msg/s with 50 (Stress)',
    )
  })

  test('says nothing of efficiency that does not fall', () => {
    const wide = scenario('Wide', [10, 50], { efficiency: 7_900 })
    expect(observe([BASELINE, wide]).join()).not.toContain('Efficiency')
  })

  test('names the lowest and the highest p95', () => {
    const slow = scenario('Slow', [10, 2], { latencyMs: latency(2_980) })
    expect(observe([BASELINE, slow])).toContain(
      'p95 latency is lowest in Baseline (1 producer, 1 consumer): 4.10 ms; the highest is 2,980 ms in Slow (10 producers, 2 consumers)',
    )
  })

  test('explains latency under a backlog as queueing, with its evidence', () => {
    const heavy = scenario('Producer-Heavy', [10, 2], {
      producerThroughput: 21_000,
      consumerThroughput: 10_000,
      maxQueueDepth: 52_381,
      latencyMs: { ...latency(2_980), mean: 1_500 },
      waitMs: { ...latency(2_970), mean: 1_490 },
    })
    expect(observe([heavy])).toEqual([
      'In Producer-Heavy producers outran consumers 2.1× (21,000 against 10,000 msg/s) and the backlog reached 52,381 messages: its latency is queueing, 99 % of the mean of 1,500 ms is waiting; use rate to send no faster than consumers take',
    ])
  })

  test('does not call latency queueing where most of it is not waiting', () => {
    const busy = scenario('Busy', [10, 2], {
      producerThroughput: 21_000,
      consumerThroughput: 10_000,
      maxQueueDepth: 10,
      waitMs: latency(0.1),
    })
    expect(observe([busy])).toEqual([
      'In Busy producers outran consumers 2.1× (21,000 against 10,000 msg/s) and the backlog reached 10 messages',
    ])
  })

  test('advises a lower rate where an open loop queues', () => {
    const overrun = {
      ...scenario('Overrun', [10, 2], {
        producerThroughput: 21_000,
        consumerThroughput: 10_000,
        waitMs: latency(4),
      }),
      params: { ...params(10, 2), rate: 21_000 },
    }
    expect(observe([overrun])[0]).toMatch(
      /is waiting; lower the rate to send no faster than consumers take$/,
    )
  })

  test.each([
    ['an open loop', { rate: 24_000 }],
    ['stages', { stages: [{ fromRate: 1, toRate: 24_000, seconds: 10 }] }],
    ['mode produce', { mode: 'produce' }],
    ['mode drain', { mode: 'drain' }],
  ] as const)('compares no throughput of %s with that of a closed loop', (_, changes) => {
    const other = { ...STRESS, params: { ...STRESS.params, ...changes } }
    expect(observe([BASELINE, other]).join()).not.toMatch(/Consumer throughput|Efficiency/)
  })

  test('compares the latencies of open loops with each other alone', () => {
    const open = (rate: number) => ({
      ...scenario(`At ${rate}`, [2, 4], { latencyMs: latency(rate / 1_000) }),
      params: { ...params(2, 4), rate },
    })
    expect(observe([BASELINE, open(1_000), open(20_000)])).toEqual([
      'p95 latency is lowest in At 1000 (2 producers, 4 consumers, 1,000 msg/s): 1.00 ms; the highest is 20.0 ms in At 20000 (2 producers, 4 consumers, 20,000 msg/s)',
    ])
    expect(observe([BASELINE, open(20_000)])).toEqual([])
  })

  test('says of a search what it found and compares it with nothing', () => {
    expect(observe([BASELINE, searchScenario()])).toEqual([
      'Highest Rate: highest rate that passed 23,000 msg/s, failed at 24,000 msg/s (10 holds)',
    ])
  })

  test.each([
    ['pipeline', { pipeline: 16 }],
    ['processingMs', { processingMs: 5 }],
    ['payloadBytes', { payloadBytes: [100, 2_000] }],
  ] as const)('does not blame the participants where %s differs too', (_, changes) => {
    const other = { ...STRESS, params: { ...STRESS.params, ...changes } }
    expect(observe([BASELINE, other]).join()).not.toContain('Efficiency')
    expect(observe([BASELINE, STRESS, other]).join()).toContain('(Baseline) to 480 msg/s')
    const slower = { ...scenario('Slower', [10, 50], { consumerThroughput: 6_000 }) }
    const slowerOther = { ...slower, params: { ...slower.params, ...changes } }
    expect(observe([BASELINE, slower]).join()).toContain('More producers and consumers')
    expect(observe([BASELINE, slowerOther]).join()).not.toContain('More producers and consumers')
  })

  test('takes payloads for alike that differ by the digits of an identity', () => {
    const longer = { ...STRESS, params: { ...STRESS.params, payloadBytes: 24 } }
    expect(observe([BASELINE, longer]).join()).toContain('Efficiency falls')
  })

  test('never ranks a scenario that broke delivery or did not run', () => {
    const liar = { ...STRESS, correctness: correctness({ verdict: 'violated', lost: 1 }) }
    expect(observe([BASELINE, liar])).toEqual([])
    expect(observe([BASELINE, failedScenario()])).toEqual([])
  })

  test('says nothing without figures', () => {
    expect(observe([])).toEqual([])
    expect(observe([BASELINE])).toEqual([])
    expect(observe([measuredScenario({ metrics: {} }), { ...STRESS, metrics: {} }])).toEqual([])
  })

  test('does not call a difference of less than a tenth a difference', () => {
    const near = scenario('Near', [1, 1], {
      consumerThroughput: 8_700,
      efficiency: 8_000,
      latencyMs: latency(4.5),
    })
    expect(observe([BASELINE, near])).toEqual([])
  })
})

function scenario(
  name: string,
  [producers, consumers]: readonly [number, number],
  overrides: Partial<Metrics>,
): MeasuredScenario {
  const level = { producerThroughput: 8_000, consumerThroughput: 8_000, efficiency: 8_000 }
  return measuredScenario({
    name,
    params: params(producers, consumers),
    metrics: metrics({ ...level, ...overrides }),
  })
}
