import { figure, NO_FIGURE } from '../judge/quantity.ts'
import type { ScenarioResult } from '../judge/result.ts'
import type { Correctness } from '../ledger/correctness.ts'
import { METRICS, type Metrics, metricValue } from '../measure/metrics.ts'

export interface FigureColumn {
  readonly metric: string
  readonly title: string
  readonly unit: string
  /** The heading in a terminal, where every column of width counts: two lines. */
  readonly heading: string
}

/** The figures that compare scenarios, in the order of their columns. */
export const FIGURES = [
  {
    metric: 'producerThroughput',
    title: 'producer throughput',
    unit: 'msg/s',
    heading: 'producer\nmsg/s',
  },
  {
    metric: 'consumerThroughput',
    title: 'consumer throughput',
    unit: 'msg/s',
    heading: 'consumer\nmsg/s',
  },
  {
    metric: 'efficiency',
    title: 'efficiency',
    unit: 'msg/s per participant',
    heading: 'efficiency\nmsg/s',
  },
  { metric: 'latencyMs.mean', title: 'avg latency', unit: 'ms', heading: 'avg\nms' },
  { metric: 'latencyMs.p95', title: 'p95 latency', unit: 'ms', heading: 'p95\nms' },
  { metric: 'latencyMs.p99', title: 'p99 latency', unit: 'ms', heading: 'p99\nms' },
  {
    metric: 'maxQueueDepth',
    title: 'max queue depth',
    unit: 'messages',
    heading: 'max\nqueue',
  },
  { metric: 'maxInFlight', title: 'max in-flight', unit: 'messages', heading: 'max\nin-flight' },
] as const satisfies readonly FigureColumn[]

export type FigureMetric = (typeof FIGURES)[number]['metric']

/** The figure that says most about a scenario: how fast the side was that was timed. */
export function headlineOf({ params }: ScenarioResult): FigureMetric {
  return params.mode === 'produce' ? 'producerThroughput' : 'consumerThroughput'
}

/** The figure of a scenario as text; a dash where it has none. */
export function figureOf(scenario: ScenarioResult, metric: string): string {
  return 'metrics' in scenario ? metricText(scenario.metrics, metric) : NO_FIGURE
}

/** One of several measurements as text, such as of a round; a dash without data. */
export function metricText(metrics: Metrics, metric: string): string {
  return valueText(metricValue(metrics, metric), metric)
}

/** A value of the metric as text. */
export function valueText(value: number | undefined, metric: string): string {
  const unit = METRICS.get(metric)?.unit
  return unit === undefined ? NO_FIGURE : figure(value, unit)
}

/** The legs of a message's life that are timed, by the name of their metrics. */
export const LATENCY_LEGS = [
  { metric: 'latencyMs', title: 'End to end' },
  { metric: 'ingestMs', title: 'Ingest' },
  { metric: 'waitMs', title: 'Wait' },
  { metric: 'settleMs', title: 'Settle' },
  { metric: 'holdMs', title: 'Hold' },
  { metric: 'lagMs', title: 'Lag' },
] as const

export type DeliveryCount = {
  [Key in keyof Correctness]: Correctness[Key] extends number ? Key : never
}[keyof Correctness]

/** What the ledger counted, in the order of a message's life and then of what can go wrong. */
export const DELIVERY_COUNTS: ReadonlyMap<DeliveryCount, string> = new Map([
  ['produced', 'produced'],
  ['settled', 'settled'],
  ['lost', 'lost'],
  ['duplicated', 'duplicated'],
  ['corrupted', 'corrupted'],
  ['unexpected', 'unexpected'],
  ['leaseOverlaps', 'lease overlaps'],
  ['idConflicts', 'id conflicts'],
  ['redelivered', 'redelivered'],
])
