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

/** Which part of a run the figures are of. */
export interface Timing {
  /** Both sides at once, the producers alone, or the consumers alone with a backlog. */
  readonly mode: 'concurrent' | 'produce' | 'drain'
  /** Open loop: messages that were due, and the seconds that their schedule lasts. */
  readonly offered?: { readonly msgs: number; readonly seconds: number }
}

/**
 * Turns counts and times into the metrics, each by the definition that `METRICS` gives of it. Only
 * what the timed side did is there: the latency of a drained message would be the age of the
 * backlog.
 */
export function computeMetrics(
  tally: Tally,
  participants: Participants,
  cpu: CpuTimes,
  timing: Timing = { mode: 'concurrent' },
): Metrics {
  switch (timing.mode) {
    case 'concurrent':
      return withoutUndefined({
        ...producing(tally, timing.offered),
        ...consuming(tally, participants),
        latencyMs: summarize(tally.latency),
        waitMs: summarize(tally.wait),
        idleWaitShare: tally.latency.sumNs > 0 ? tally.idleWaitNs / tally.latency.sumNs : undefined,
        messagesPerCpuSecond: perCpuSecond(tally.settled, cpu),
        durationMs: spanMs(tally.firstProduceSentNs, tally.lastSettleAcknowledgedNs),
      })
    case 'produce':
      return withoutUndefined({
        ...producing(tally, timing.offered),
        messagesPerCpuSecond: perCpuSecond(tally.produced, cpu),
        durationMs: spanMs(tally.firstProduceSentNs, tally.lastProduceAcknowledgedNs),
      })
    case 'drain':
      return withoutUndefined({
        ...consuming(tally, participants),
        messagesPerCpuSecond: perCpuSecond(tally.settled, cpu),
        durationMs: spanMs(tally.firstAcquireSentNs, tally.lastSettleAcknowledgedNs),
      })
    default:
      return timing.mode satisfies never
  }
}

function producing(tally: Tally, offered: Timing['offered']) {
  const { firstProduceSentNs, lastProduceSentNs, lastProduceAcknowledgedNs } = tally
  return {
    producerThroughput: rate(tally.produced, firstProduceSentNs, lastProduceAcknowledgedNs),
    ...(offered !== undefined && {
      offeredRate: perSecond(offered.msgs, offered.seconds),
      // A schedule lasts until one gap after its last message; sending may take longer.
      acceptedRate: perSecond(
        offered.msgs - tally.unsent,
        Math.max(offered.seconds, (lastProduceSentNs - firstProduceSentNs) / NS_PER_SECOND),
      ),
      lagMs: summarize(tally.lag),
    }),
    ingestMs: summarize(tally.ingest),
    maxQueueDepth: tally.maxQueueDepth,
  }
}

function consuming(tally: Tally, { producers, consumers }: Participants) {
  const { settled, firstAcquireSentNs, lastSettleAcknowledgedNs } = tally
  const consumerThroughput = rate(settled, firstAcquireSentNs, lastSettleAcknowledgedNs)
  return {
    consumerThroughput,
    efficiency:
      consumerThroughput === undefined
        ? undefined
        : consumerThroughput / Math.max(producers, consumers),
    settleMs: summarize(tally.settle),
    holdMs: summarize(tally.hold),
    maxQueueDepth: tally.maxQueueDepth,
    maxInFlight: tally.maxInFlight,
    emptyAcquires: settled > 0 ? tally.empties / settled : undefined,
  }
}

/** `undefined` unless something happened over a span of time. */
function rate(count: number, fromNs: number, toNs: number): number | undefined {
  return fromNs === 0 ? undefined : perSecond(count, (toNs - fromNs) / NS_PER_SECOND)
}

function perSecond(count: number, seconds: number): number | undefined {
  return count > 0 && seconds > 0 ? count / seconds : undefined
}

function spanMs(fromNs: number, toNs: number): number | undefined {
  return fromNs === 0 || toNs === 0 ? undefined : (toNs - fromNs) / NS_PER_MS
}

function perCpuSecond(messages: number, cpu: CpuTimes): Metrics['messagesPerCpuSecond'] {
  const server = perSecond(messages, (cpu.serverNs ?? 0) / NS_PER_SECOND)
  const load = perSecond(messages, (cpu.loadNs ?? 0) / NS_PER_SECOND)
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
