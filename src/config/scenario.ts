import type { Address } from '../address.ts'

/** A suite file after checks, merging and defaults: nothing in it is optional but what may be absent. */
export interface Suite {
  readonly scenarios: readonly Scenario[]
  readonly server: ServerTarget
  readonly output: Output
  /** What the file itself says, so that weaker settings can tell it from a default. */
  readonly stated: readonly (keyof SuiteSettings)[]
}

export interface Scenario {
  readonly name: string
  /** The name that the file gives, where a sweep made several scenarios of one entry. */
  readonly group?: string
  /** Index of the entry of the file's `scenarios` that it was made from. */
  readonly entry: number
  /** Messages to send; of a run that is limited by time, the most that it may send. */
  readonly msgs: number
  readonly producers: number
  readonly consumers: number
  readonly mode: Mode
  readonly load: LoadModel
  /** MessagePack size of the payloads; absent means the seed's own payload, unpadded. */
  readonly payloadBytes?: PayloadBytes
  readonly leaseMs: number
  /** Between acquire and settle. */
  readonly processingMs: number
  readonly idleBackoffMs: number
  /** Never less than `idleBackoffMs`; may have a fraction. */
  readonly idleBackoffMaxMs: number
  /** Requests outstanding on a consumer's connection. */
  readonly pipeline: number
  /** Requests outstanding on a producer's connection; more than `pipeline` where an open loop needs it. */
  readonly producerPipeline: number
  /** Load threads. */
  readonly threads: number
  readonly warmupMsgs: number
  /** Measured repetitions. */
  readonly rounds: number
  /** Of everything random: arrivals and payload sizes. */
  readonly seed: number
  readonly stallTimeoutMs: number
  readonly timeoutMs: number
  readonly budgets: readonly Budget[]
}

/**
 * - `concurrent`: producers and consumers at the same time
 * - `produce`: ingestion is timed alone; the drain after it is verified and not timed
 * - `drain`: the backlog is built untimed; its consumption is timed
 */
export type Mode = 'concurrent' | 'produce' | 'drain'

/** When messages are sent. */
export type LoadModel =
  /** The next one when an earlier one is acknowledged, for all `msgs` or until time is up. */
  | { readonly kind: 'closed'; readonly durationSeconds?: number }
  /** Each at its due time, whatever the server does; the stages have `msgs` messages together. */
  | { readonly kind: 'open'; readonly arrival: Arrival; readonly stages: readonly Stage[] }
  /** Open loops at constant rates, to find the highest rate that keeps all of `while`. */
  | {
      readonly kind: 'find'
      readonly arrival: Arrival
      readonly fromRate: number
      readonly toRate: number
      readonly holdSeconds: number
      readonly while: readonly Budget[]
    }

/** Evenly spaced, or at random as from many independent senders. */
export type Arrival = 'constant' | 'poisson'

/** The rate changes evenly from `fromRate` to `toRate`, in messages per second of all producers. */
export interface Stage {
  readonly fromRate: number
  readonly toRate: number
  readonly seconds: number
}

/** Each size from `min` to `max` is as likely as any other; equal ones mean one size. */
export interface PayloadBytes {
  readonly min: number
  readonly max: number
}

/** One bound of one metric. `metric` is a full name of METRICS. */
export interface Budget {
  readonly metric: string
  readonly bound: 'min' | 'max'
  readonly limit: number
  readonly level: 'error' | 'warn'
}

export type ServerTarget =
  | { readonly kind: 'embedded' }
  | ({ readonly kind: 'address' } & Address)
  | {
      readonly kind: 'command'
      /** `{port}` in it stands for the port to listen on. */
      readonly command: string
      readonly readyTimeoutMs: number
      readonly cwd?: string
      readonly env: Readonly<Record<string, string>>
    }

/** `false` writes no such file. Paths are as written, relative to the root of the project. */
export interface Output {
  readonly cli: boolean
  readonly html: string | false
  readonly json: string | false
}

/** The part of a suite that flags, environment and plugin options reach. */
export interface SuiteSettings extends Output {
  readonly server: ServerTarget
}

const TIMEOUT_BASE_MS = 60_000
const SLOWEST_MESSAGES_PER_SECOND = 500
/** Draining what was sent in some time may take so much longer. */
const DRAIN_FACTOR = 100
const TIMEOUT_MAX_MS = 24 * 3_600_000

/** A search holds no more rates than that. */
export const SEARCH_HOLDS_MAX = 40

/** How long a scenario without `timeoutMs` may take: generous, since a stall ends it much earlier. */
export function scenarioTimeoutMs(
  scenario: Pick<
    Scenario,
    | 'msgs'
    | 'warmupMsgs'
    | 'load'
    | 'rounds'
    | 'processingMs'
    | 'consumers'
    | 'pipeline'
    | 'leaseMs'
    | 'stallTimeoutMs'
  >,
): number {
  const { load, processingMs, consumers, pipeline } = scenario
  const messageMs = 1000 / SLOWEST_MESSAGES_PER_SECOND + processingMs / (consumers * pipeline)
  const plannedMs = lengthMs(load)
  // How many messages a closed loop sends in its time is not known before.
  const isTimed = load.kind === 'closed' && load.durationSeconds !== undefined
  const messagesMs = isTimed ? plannedMs * DRAIN_FACTOR : scenario.msgs * messageMs
  const repetitionMs = plannedMs + messagesMs + scenario.leaseMs + scenario.stallTimeoutMs
  const repetitions = load.kind === 'find' ? SEARCH_HOLDS_MAX : scenario.rounds
  const workMs = scenario.warmupMsgs * messageMs + repetitions * repetitionMs
  return Math.min(TIMEOUT_MAX_MS, Math.ceil(TIMEOUT_BASE_MS + workMs))
}

/** How long one repetition sends by its plan, whatever the server does. */
function lengthMs(load: LoadModel): number {
  switch (load.kind) {
    case 'closed':
      return (load.durationSeconds ?? 0) * 1000
    case 'open':
      return load.stages.reduce((total, { seconds }) => total + seconds * 1000, 0)
    case 'find':
      return load.holdSeconds * 1000
    default:
      return load satisfies never
  }
}

/** Beyond a scenario's own limit, which must fire first: it says more than a test's timeout. */
const TEST_TIMEOUT_MARGIN_MS = 60_000

/** The timeout of a test that measures the scenario. */
export function testTimeoutMs(scenario: Pick<Scenario, 'timeoutMs'>): number {
  return scenario.timeoutMs + TEST_TIMEOUT_MARGIN_MS
}

const MAP_HEADER_BYTES = 1
const KEY_BYTES = 5

/**
 * The MessagePack size of `{"data": "bench-<producer>-<sequence>"}` for the longest identity of the
 * scenario or its warm-up, both counted from 0 and the messages spread evenly; no payload can be
 * smaller.
 */
export function payloadBytesMin(
  scenario: Pick<Scenario, 'msgs' | 'warmupMsgs' | 'producers'>,
): number {
  const msgs = Math.max(scenario.msgs, scenario.warmupMsgs)
  const sequenceMax = Math.ceil(msgs / scenario.producers) - 1
  const textBytes = `bench-${scenario.producers - 1}-${sequenceMax}`.length
  // A fixstr: the text of the largest scenario stays under its 31 bytes.
  return MAP_HEADER_BYTES + KEY_BYTES + 1 + textBytes
}
