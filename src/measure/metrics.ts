/**
 * The metrics of a scenario under the names that budgets, tables and exports use. A metric that a
 * run has no data for is absent, never zero.
 */
export interface Metrics {
  readonly producerThroughput?: number
  readonly consumerThroughput?: number
  readonly efficiency?: number
  readonly offeredRate?: number
  readonly acceptedRate?: number
  readonly maxSustainableRate?: number
  readonly latencyMs?: LatencySummary
  readonly ingestMs?: LatencySummary
  readonly waitMs?: LatencySummary
  readonly settleMs?: LatencySummary
  readonly holdMs?: LatencySummary
  readonly lagMs?: LatencySummary
  readonly maxQueueDepth?: number
  readonly maxInFlight?: number
  readonly emptyAcquires?: number
  readonly idleWaitShare?: number
  readonly messagesPerCpuSecond?: { readonly server?: number; readonly load?: number }
  readonly durationMs?: number
}

/** Milliseconds. Percentiles are nearest-rank values of a histogram; `mean` and `max` are exact. */
export type LatencySummary = Readonly<Record<LatencyStatistic, number>>
export type LatencyStatistic = (typeof LATENCY_STATISTICS)[number]
export const LATENCY_STATISTICS = ['mean', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const

export interface MetricDefinition {
  /** A `share` is a part of 1. */
  readonly unit: 'msg/s' | 'ms' | 'messages' | 'per message' | 'share'
  /** Which direction is an improvement; decides what a budget that is a bare number means. */
  readonly better: 'less' | 'more'
  readonly meaning: string
}

const SINGLE: Readonly<Record<string, MetricDefinition>> = {
  producerThroughput: {
    unit: 'msg/s',
    better: 'more',
    meaning: 'acknowledged messages / (first PRODUCE sent → last PRODUCE acknowledged)',
  },
  consumerThroughput: {
    unit: 'msg/s',
    better: 'more',
    meaning:
      'settled messages / (first ACQUIRE_NEXT sent that returned a message → last SETTLE acknowledged)',
  },
  efficiency: {
    unit: 'msg/s',
    better: 'more',
    meaning: 'consumerThroughput / max(producers, consumers)',
  },
  offeredRate: {
    unit: 'msg/s',
    better: 'more',
    meaning: 'open loop: messages that were due / duration of their schedule',
  },
  acceptedRate: {
    unit: 'msg/s',
    better: 'more',
    meaning:
      'open loop: messages that were sent / duration of their schedule, or of the sending where it took longer',
  },
  maxSustainableRate: {
    unit: 'msg/s',
    better: 'more',
    meaning: 'highest rate that a search found to keep all its limits',
  },
  maxQueueDepth: {
    unit: 'messages',
    better: 'less',
    meaning: 'exact high-water mark of acknowledged − settled',
  },
  maxInFlight: {
    unit: 'messages',
    better: 'less',
    meaning: 'exact high-water mark of leased − settled',
  },
  emptyAcquires: {
    unit: 'per message',
    better: 'less',
    meaning: 'empty answers to ACQUIRE_NEXT / settled messages',
  },
  idleWaitShare: {
    unit: 'share',
    better: 'less',
    meaning:
      'share of the summed latency in which a message lay in the queue while the consumer that then took it slept after an empty answer',
  },
  'messagesPerCpuSecond.server': {
    unit: 'msg/s',
    better: 'more',
    meaning:
      'settled messages (mode produce: acknowledged ones) / CPU time of the server under test',
  },
  'messagesPerCpuSecond.load': {
    unit: 'msg/s',
    better: 'more',
    meaning: 'settled messages (mode produce: acknowledged ones) / CPU time of the load threads',
  },
  durationMs: {
    unit: 'ms',
    better: 'less',
    meaning:
      'first PRODUCE sent → last SETTLE acknowledged; mode produce ends at the last PRODUCE acknowledged, mode drain begins at the first ACQUIRE_NEXT sent that returned a message',
  },
}

const LATENCY_FAMILIES: Readonly<Record<string, string>> = {
  latencyMs: 'PRODUCE due (open loop) or sent (closed loop) → SETTLE acknowledged',
  ingestMs: 'PRODUCE sent → acknowledged',
  waitMs: 'PRODUCE due (open loop) or sent (closed loop) → acquired',
  settleMs: 'SETTLE sent → acknowledged',
  holdMs: 'acquired → settled',
  lagMs: 'PRODUCE due → sent (open loop), the lateness of sending',
}

/** Every metric by its full name, `latencyMs.p95` and the like spelled out. */
export const METRICS: ReadonlyMap<string, MetricDefinition> = new Map([
  ...Object.entries(SINGLE),
  ...Object.entries(LATENCY_FAMILIES).flatMap(([family, meaning]) =>
    LATENCY_STATISTICS.map((statistic): [string, MetricDefinition] => [
      `${family}.${statistic}`,
      { unit: 'ms', better: 'less', meaning: `${statistic} of ${meaning}` },
    ]),
  ),
])

/** The value under a full name such as `latencyMs.p95`, or `undefined` where there is no data. */
export function metricValue(metrics: Metrics, name: string): number | undefined {
  const [family = '', statistic] = name.split('.')
  const value: unknown = metrics[family as keyof Metrics]
  const found =
    statistic === undefined
      ? value
      : ((value ?? {}) as Readonly<Record<string, unknown>>)[statistic]
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}
