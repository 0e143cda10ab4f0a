import type { Correctness } from '../ledger/correctness.ts'
import type { PhaseLoad } from '../load/phase-plan.ts'
import type { MeasuredPart, ScenarioRun } from '../load/run-scenario.ts'
import { Tally } from '../measure/tally.ts'
import { correctness } from './example-results.ts'

export interface MadePart {
  /** One message a millisecond, 100 unless told otherwise. */
  readonly msgs?: number
  /** Of each message; a tenth of it is ingestion, a tenth settling. */
  readonly latencyMs?: number
  /** Of an open loop, in messages per second. */
  readonly rate?: number
  readonly unsent?: number
  readonly usage?: MeasuredPart['usage']
  readonly correctness?: Partial<Correctness>
  readonly spun?: boolean
}

const START_NS = 1e9

/** A measured part as a run leaves it, made of numbers that agree with each other. */
export function madePart(made: MadePart = {}): MeasuredPart {
  const { msgs = 100, rate, unsent = 0, usage, spun = false } = made
  const seconds = rate === undefined ? 0 : (msgs + unsent) / rate
  const load: PhaseLoad =
    rate === undefined
      ? { kind: 'closed' }
      : {
          kind: 'open',
          arrival: 'constant',
          stages: [{ fromRate: rate, toRate: rate, seconds }],
        }
  return {
    load,
    tally: madeTally(made),
    correctness: madeCorrectness({ produced: msgs, settled: msgs, ...made.correctness }),
    usage: usage ?? { server: {}, load: {}, wallNs: 1e9 },
    unsentShare: unsent / (msgs + unsent),
    spun,
    ...(rate !== undefined && { offered: { msgs: msgs + unsent, seconds } }),
  }
}

export function madeTally({ msgs = 100, latencyMs = 10, rate, unsent = 0 }: MadePart = {}): Tally {
  const tally = new Tally(START_NS)
  const latencyNs = latencyMs * 1e6
  for (let message = 0; message < msgs; message += 1) {
    const sentNs = START_NS + message * 1e6
    tally.latency.record(latencyNs)
    tally.ingest.record(latencyNs / 10)
    tally.settle.record(latencyNs / 10)
    tally.wait.record(latencyNs / 2)
    tally.hold.record(latencyNs / 5)
    if (rate !== undefined) tally.lag.record(latencyNs / 100)
    tally.sentSumNs += sentNs - START_NS
    tally.settledSumNs += sentNs + latencyNs - START_NS
    tally.timeline.at(sentNs + latencyNs)
    tally.timeline.settled(1)
    tally.timeline.latency(latencyNs)
  }
  const lastSentNs = START_NS + (msgs - 1) * 1e6
  return Object.assign(tally, {
    firstProduceSentNs: START_NS,
    lastProduceSentNs: lastSentNs,
    lastProduceAcknowledgedNs: lastSentNs + latencyNs / 10,
    firstAcquireSentNs: START_NS,
    lastSettleAcknowledgedNs: lastSentNs + latencyNs,
    produced: msgs,
    settled: msgs,
    deliveries: msgs,
    unsent,
    maxQueueDepth: 1,
    maxInFlight: 1,
  })
}

/** A run that came to an end with these parts. */
export function completedRun(
  parts: readonly [MeasuredPart, ...MeasuredPart[]],
  overrides: Partial<Correctness> = {},
): Extract<ScenarioRun, { readonly kind: 'completed' }> {
  return { kind: 'completed', parts, correctness: madeCorrectness(overrides), warnings: [] }
}

export function madeCorrectness(overrides: Partial<Correctness> = {}): Correctness {
  return correctness({ produced: 100, settled: 100, ...overrides })
}
