import { describe, expect, test } from 'vitest'
import { Tally } from '../../measure/tally.ts'
import { madeTally } from '../../testing/made-part.ts'
import { toBenchResult } from './bench-result.ts'

const METRICS = { producerThroughput: 500, consumerThroughput: 200, durationMs: 5000 }

describe('toBenchResult()', () => {
  // Of 40 ms from end to end: 4 ms of ingestion, and 8 ms from acquired to settled.
  test.each([
    { mode: 'concurrent', ms: 40, throughput: 200 },
    { mode: 'produce', ms: 4, throughput: 500 },
    { mode: 'drain', ms: 8, throughput: 200 },
  ] as const)('has in mode $mode what that times', ({ mode, ms, throughput }) => {
    const result = toBenchResult({ name: 'A', mode }, madeTally({ latencyMs: 40 }), METRICS)

    expect(result).toMatchObject({
      name: 'A',
      state: 'completed',
      period: 1000 / throughput,
      totalTime: 5000,
      latency: { mean: ms, min: ms, max: ms, p50: ms, p999: ms, samplesCount: 100, df: 99 },
      throughput: { mean: throughput, p50: throughput, samplesCount: 100, rme: 0 },
    })
  })

  test('has the statistics of the latencies, to the resolution of their histogram', () => {
    const tally = new Tally()
    for (let count = 0; count < 50; count += 1) tally.latency.record(10e6)
    for (let count = 0; count < 50; count += 1) tally.latency.record(30e6)
    const latency = toBenchResult({ name: 'A', mode: 'concurrent' }, tally, METRICS)?.latency

    expect.assert(latency !== undefined)
    expect(latency).toMatchObject({ mean: 20, min: 10, max: 30, samplesCount: 100, critical: 1.96 })
    expect(latency.p50).toBeCloseTo(10, 1)
    expect(latency.p75).toBe(30)
    expect(latency.variance).toBeCloseTo(100, 0)
    expect(latency.sd).toBeCloseTo(10, 1)
    expect(latency.aad).toBeCloseTo(10, 1)
    expect(latency.sem).toBeCloseTo(1, 2)
    expect(latency.moe).toBeCloseTo(1.96, 2)
    expect(latency.rme).toBeCloseTo(9.8, 1)
  })

  test.each([
    { name: 'nothing was settled', tally: new Tally(), metrics: METRICS },
    { name: 'there is no throughput', tally: madeTally(), metrics: { producerThroughput: 1 } },
  ])('is nothing where $name', ({ tally, metrics }) => {
    expect(toBenchResult({ name: 'A', mode: 'concurrent' }, tally, metrics)).toBeUndefined()
  })
})
