import { NS_PER_MS, NS_PER_SECOND } from '../clock.ts'
import { summarize } from './histogram.ts'
import type { LatencySummary, Metrics } from './metrics.ts'
import type { Tally } from './tally.ts'

export interface Participants {
  readonly producers: number
  readonly consumers: number
}

/** CPU time of each side during the measured part; absent where the platform does not tell. */
export interface CpuTimes {
  readonly serverNs?: number | undefined
  readonly loadNs?: number | undefined
}

/** Turns counts and times into the metrics, each by the definition that `METRICS` gives of it. */
export function computeMetrics(tally: Tally, participants: Participants, cpu: CpuTimes): Metrics {
  const producerThroughput = rate(
    tally.produced,
    tally.firstProduceSentNs,
    tally.lastProduceAcknowledgedNs,
  )
  const consumerThroughput = rate(
    tally.settled,
    tally.firstAcquireSentNs,
    tally.lastSettleAcknowledgedNs,
  )
  const efficiency =
    consumerThroughput === undefined
      ? undefined
      : consumerThroughput / Math.max(participants.producers, participants.consumers)
  const drained = tally.firstProduceSentNs > 0 && tally.lastSettleAcknowledgedNs > 0
  return withoutUndefined({
    producerThroughput,
    consumerThroughput,
    efficiency,
    latencyMs: summarize(tally.latency),
    ingestMs: summarize(tally.ingest),
    waitMs: summarize(tally.wait),
    settleMs: summarize(tally.settle),
    holdMs: summarize(tally.hold),
    maxQueueDepth: tally.maxQueueDepth,
    maxInFlight: tally.maxInFlight,
    emptyAcquires: tally.settled > 0 ? tally.empties / tally.settled : undefined,
    messagesPerCpuSecond: perCpuSecond(tally.settled, cpu),
    durationMs: drained
      ? (tally.lastSettleAcknowledgedNs - tally.firstProduceSentNs) / NS_PER_MS
      : undefined,
  })
}

/** `undefined` unless something happened over a span of time. */
function rate(count: number, fromNs: number, toNs: number): number | undefined {
  if (count === 0 || fromNs === 0 || toNs <= fromNs) return undefined
  return count / ((toNs - fromNs) / NS_PER_SECOND)
}

function perCpuSecond(settled: number, cpu: CpuTimes): Metrics['messagesPerCpuSecond'] {
  const server = rate(settled, 1, 1 + (cpu.serverNs ?? 0))
  const load = rate(settled, 1, 1 + (cpu.loadNs ?? 0))
  if (server === undefined && load === undefined) return undefined
  return withoutUndefined({ server, load })
}

type Candidates = Readonly<Record<string, number | LatencySummary | object | undefined>>

/** A metric without data is absent rather than `undefined`, so that it cannot be read as a value. */
function withoutUndefined<T extends Candidates>(
  candidates: T,
): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const present = Object.entries(candidates).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as { [Key in keyof T]?: Exclude<T[Key], undefined> }
}
