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
  readonly msgs: number
  readonly producers: number
  readonly consumers: number
  /** MessagePack size of the payload; absent means the seed's own payload, unpadded. */
  readonly payloadBytes?: number
  readonly leaseMs: number
  readonly idleBackoffMs: number
  /** Never less than `idleBackoffMs`; may have a fraction. */
  readonly idleBackoffMaxMs: number
  readonly pipeline: number
  /** Load threads; absent means automatic. */
  readonly threads?: number
  readonly warmupMsgs: number
  readonly stallTimeoutMs: number
  readonly timeoutMs: number
  readonly budgets: readonly Budget[]
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
const TIMEOUT_MAX_MS = 24 * 3_600_000

/** How long a scenario without `timeoutMs` may take: generous, since a stall ends it much earlier. */
export function scenarioTimeoutMs(
  scenario: Pick<Scenario, 'msgs' | 'warmupMsgs' | 'leaseMs' | 'stallTimeoutMs'>,
): number {
  const workMs = ((scenario.msgs + scenario.warmupMsgs) / SLOWEST_MESSAGES_PER_SECOND) * 1000
  return Math.min(
    TIMEOUT_MAX_MS,
    TIMEOUT_BASE_MS + workMs + scenario.leaseMs + scenario.stallTimeoutMs,
  )
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
