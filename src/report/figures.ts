import type { Correctness } from '../ledger/correctness.ts'

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

/** The legs of a message's life that are timed, by the name of their metrics. */
export const LATENCY_LEGS = [
  { metric: 'latencyMs', title: 'End to end' },
  { metric: 'ingestMs', title: 'Ingest' },
  { metric: 'waitMs', title: 'Wait' },
  { metric: 'settleMs', title: 'Settle' },
  { metric: 'holdMs', title: 'Hold' },
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
