import type { ErrorCode } from '../errors.ts'
import type { Correctness } from '../ledger/correctness.ts'
import type { Metrics } from '../measure/metrics.ts'

export const RESULTS_SCHEMA_VERSION = 1

/** The content of `results.json`. */
export interface RunResults {
  readonly schemaVersion: typeof RESULTS_SCHEMA_VERSION
  /** ISO 8601, UTC. */
  readonly generatedAt: string
  readonly environment: Environment
  readonly suites: readonly SuiteResult[]
}

export interface Environment {
  readonly node: string
  readonly platform: string
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  /** Git commit of the working directory, with `-dirty` where it differs; absent outside git. */
  readonly commit?: string
}

export interface SuiteResult {
  /** Relative to the root of the project. */
  readonly file: string
  readonly server: { readonly kind: 'embedded' | 'command' | 'address'; readonly addr?: string }
  readonly scenarios: readonly ScenarioResult[]
}

/** Only the first case has numbers, so that a crash can never rank as the fastest. */
export type ScenarioResult = MeasuredScenario | FailedScenario | InterruptedScenario

export interface MeasuredScenario extends ScenarioIdentity {
  readonly status: 'pass' | 'fail' | 'inconclusive'
  readonly metrics: Metrics
  readonly correctness: Correctness
  readonly budgets: readonly BudgetResult[]
  readonly warnings: readonly string[]
}

/** Could not run, or not to an end that allows a figure. */
export interface FailedScenario extends ScenarioIdentity {
  readonly status: 'error'
  readonly error: { readonly code: ErrorCode; readonly message: string }
  readonly correctness: Correctness
  readonly warnings: readonly string[]
}

export interface InterruptedScenario extends ScenarioIdentity {
  readonly status: 'interrupted'
  readonly correctness: Correctness
  readonly warnings: readonly string[]
}

export interface ScenarioIdentity {
  readonly name: string
  readonly params: ScenarioParams
}

/** The settings that the figures depend on, as they were in force. */
export interface ScenarioParams {
  readonly msgs: number
  readonly producers: number
  readonly consumers: number
  readonly pipeline: number
  readonly threads: number
  /** MessagePack size of the largest payload. */
  readonly payloadBytes: number
  readonly leaseMs: number
  readonly idleBackoffMs: number
  readonly idleBackoffMaxMs: number
  readonly warmupMsgs: number
}

export interface BudgetResult {
  /** Full metric name such as `latencyMs.p95`. */
  readonly metric: string
  readonly bound: 'min' | 'max'
  readonly limit: number
  /** `null` when there is no data. */
  readonly value: number | null
  readonly level: 'error' | 'warn'
  readonly verdict: 'pass' | 'fail' | 'warn' | 'inconclusive' | 'no-data'
  /** One sentence with limit, value and unit. */
  readonly reason: string
}
