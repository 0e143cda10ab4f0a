import type { BenchResult } from 'vitest'
import type { Scenario } from '../../config/scenario.ts'
import type { Histogram } from '../../measure/histogram.ts'
import type { Metrics } from '../../measure/metrics.ts'
import type { Tally } from '../../measure/tally.ts'

type Statistics = BenchResult['latency']

const NS_PER_MS = 1e6
/** Two-sided 95 %, normal. */
const CRITICAL = 1.96

/**
 * A measurement in the shape of Vitest's benchmarks, so that its table, JSON reporter and
 * `toBeFasterThan` see it: milliseconds of latency, and messages per second as throughput. What is
 * timed alone has figures of its own: PRODUCE until it is acknowledged, or a message from acquired
 * to settled. `undefined` when nothing has figures.
 */
export function toBenchResult(
  { name, mode }: Pick<Scenario, 'name' | 'mode'>,
  tally: Tally,
  metrics: Metrics,
): BenchResult | undefined {
  const histogram = { concurrent: tally.latency, produce: tally.ingest, drain: tally.hold }[mode]
  const throughput = mode === 'produce' ? metrics.producerThroughput : metrics.consumerThroughput
  if (histogram.count === 0 || throughput === undefined) return undefined
  const latency = latencyStatistics(histogram)
  return {
    name,
    state: 'completed',
    latency,
    throughput: constantStatistics(throughput, latency.samplesCount),
    period: 1000 / throughput,
    totalTime: metrics.durationMs ?? 0,
    runtime: 'node',
    runtimeVersion: process.version,
    timestampProviderName: 'hrtime',
  }
}

function latencyStatistics(histogram: Histogram): Statistics {
  const mean = histogram.meanNs / NS_PER_MS
  const count = histogram.count
  const { variance, meanDeviation } = histogram.spread()
  const sd = Math.sqrt(variance) / NS_PER_MS
  const sem = sd / Math.sqrt(count)
  const quantile = (fraction: number) => histogram.quantileNs(fraction) / NS_PER_MS
  const p50 = quantile(0.5)
  return {
    mean,
    min: histogram.minNs / NS_PER_MS,
    max: histogram.maxNs / NS_PER_MS,
    p50,
    p75: quantile(0.75),
    p99: quantile(0.99),
    p995: quantile(0.995),
    p999: quantile(0.999),
    variance: variance / NS_PER_MS ** 2,
    sd,
    sem,
    df: count - 1,
    critical: CRITICAL,
    moe: sem * CRITICAL,
    rme: ((sem * CRITICAL) / mean) * 100,
    aad: meanDeviation / NS_PER_MS,
    mad: Number.NaN,
    samples: undefined,
    samplesCount: count,
  }
}

/** One run has one throughput: there is nothing around it to state. */
function constantStatistics(value: number, samplesCount: number): Statistics {
  return {
    mean: value,
    min: value,
    max: value,
    p50: value,
    p75: value,
    p99: value,
    p995: value,
    p999: value,
    variance: 0,
    sd: 0,
    sem: 0,
    df: 0,
    critical: CRITICAL,
    moe: 0,
    rme: 0,
    aad: 0,
    mad: 0,
    samples: undefined,
    samplesCount,
  }
}
