import { describe, expect, test } from 'vitest'
import { computeMetrics } from './compute-metrics.ts'
import { METRICS, metricValue } from './metrics.ts'
import { LEGS, Tally } from './tally.ts'

const SECOND = 1e9
const MS = 1e6

/** 1,000 messages from 10 s to 15 s, one value in each histogram. */
function goldenTally(): Tally {
  const tally = new Tally()
  Object.assign(tally, {
    firstProduceSentNs: 10 * SECOND,
    lastProduceSentNs: 11.5 * SECOND,
    lastProduceAcknowledgedNs: 12 * SECOND,
    firstAcquireSentNs: 11 * SECOND,
    lastSettleAcknowledgedNs: 15 * SECOND,
    produced: 1000,
    settled: 800,
    unsent: 250,
    idleWaitNs: 0.25 * MS,
    deliveries: 810,
    empties: 200,
    maxQueueDepth: 400,
    maxInFlight: 30,
  })
  for (const [index, leg] of LEGS.entries()) tally[leg].record((index + 1) * MS)
  return tally
}

function always(ms: number) {
  return { mean: ms, p50: ms, p90: ms, p95: ms, p99: ms, p999: ms, max: ms }
}

describe('computeMetrics()', () => {
  test('computes every metric by its definition', () => {
    const cpu = { serverNs: 2 * SECOND, loadNs: 4 * SECOND }

    expect(computeMetrics(goldenTally(), { producers: 2, consumers: 8 }, cpu)).toEqual({
      producerThroughput: 500,
      consumerThroughput: 200,
      efficiency: 25,
      latencyMs: always(1),
      ingestMs: always(2),
      waitMs: always(3),
      settleMs: always(4),
      holdMs: always(5),
      maxQueueDepth: 400,
      maxInFlight: 30,
      emptyAcquires: 0.25,
      messagesPerCpuSecond: { server: 400, load: 200 },
      idleWaitShare: 0.25,
      durationMs: 5000,
    })
  })

  test('adds for an open loop what was due, what was sent, and how late', () => {
    const offered = { msgs: 1250, seconds: 2.5 }
    const closed = computeMetrics(goldenTally(), { producers: 2, consumers: 8 }, {})

    expect(
      computeMetrics(
        goldenTally(),
        { producers: 2, consumers: 8 },
        {},
        { mode: 'concurrent', offered },
      ),
    ).toEqual({ ...closed, offeredRate: 500, acceptedRate: 400, lagMs: always(6) })
  })

  test('divides what was sent by the time of sending where that took longer than its schedule', () => {
    const offered = { msgs: 1250, seconds: 1 }
    const { offeredRate, acceptedRate } = computeMetrics(
      goldenTally(),
      { producers: 2, consumers: 8 },
      {},
      { mode: 'concurrent', offered },
    )

    expect(offeredRate).toBe(1250)
    expect(acceptedRate).toBe(1000 / 1.5)
  })

  test('mode produce has the figures of the producers alone', () => {
    const cpu = { serverNs: 2 * SECOND, loadNs: 4 * SECOND }
    const timing = { mode: 'produce', offered: { msgs: 1250, seconds: 2.5 } } as const

    expect(computeMetrics(goldenTally(), { producers: 2, consumers: 8 }, cpu, timing)).toEqual({
      producerThroughput: 500,
      offeredRate: 500,
      acceptedRate: 400,
      lagMs: always(6),
      ingestMs: always(2),
      maxQueueDepth: 400,
      messagesPerCpuSecond: { server: 500, load: 250 },
      durationMs: 2000,
    })
  })

  test('mode drain has the figures of the consumers alone, without the age of the backlog', () => {
    const cpu = { serverNs: 2 * SECOND, loadNs: 4 * SECOND }
    const timing = { mode: 'drain' } as const

    expect(computeMetrics(goldenTally(), { producers: 2, consumers: 8 }, cpu, timing)).toEqual({
      consumerThroughput: 200,
      efficiency: 25,
      settleMs: always(4),
      holdMs: always(5),
      maxQueueDepth: 400,
      maxInFlight: 30,
      emptyAcquires: 0.25,
      messagesPerCpuSecond: { server: 400, load: 200 },
      durationMs: 4000,
    })
  })

  test('divides by the larger side for efficiency', () => {
    const { efficiency } = computeMetrics(goldenTally(), { producers: 20, consumers: 8 }, {})

    expect(efficiency).toBe(10)
  })

  test('leaves out what it has no data for, rather than call it zero', () => {
    const metrics = computeMetrics(new Tally(), { producers: 1, consumers: 1 }, {})

    expect(metrics).toEqual({ maxQueueDepth: 0, maxInFlight: 0 })
  })

  test('has no rate over no time', () => {
    const tally = goldenTally()
    tally.lastProduceAcknowledgedNs = tally.firstProduceSentNs
    const metrics = computeMetrics(tally, { producers: 1, consumers: 1 }, { serverNs: 0 })

    expect(metrics).not.toHaveProperty('producerThroughput')
    expect(metrics).not.toHaveProperty('messagesPerCpuSecond')
  })

  test('has each of METRICS under its name, but what only a search finds', () => {
    const cpu = { serverNs: SECOND, loadNs: SECOND }
    const metrics = computeMetrics(goldenTally(), { producers: 1, consumers: 1 }, cpu, {
      mode: 'concurrent',
      offered: { msgs: 1250, seconds: 2.5 },
    })
    const missing = [...METRICS.keys()].filter(name => !((metricValue(metrics, name) ?? 0) > 0))

    expect(missing).toEqual(['maxSustainableRate'])
    for (const name of ['latencyMs', 'latencyMs.p42', 'nothing', '', 'messagesPerCpuSecond']) {
      expect(metricValue(metrics, name), name).toBeUndefined()
    }
  })
})
