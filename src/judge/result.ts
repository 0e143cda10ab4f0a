import type { Arrival, Budget, Mode, Stage } from '../config/scenario.ts'
import type { ErrorCode } from '../errors.ts'
import type { Correctness } from '../ledger/correctness.ts'
import type { WarmUp } from '../measure/levelling.ts'
import type { LittlesLaw } from '../measure/littles-law.ts'
import type { Metrics } from '../measure/metrics.ts'
import type { Resources } from '../measure/resources.ts'
import type { Timeline } from '../measure/timeline.ts'

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
  /** With several rounds, the median of each metric. */
  readonly metrics: Metrics
  readonly correctness: Correctness
  readonly budgets: readonly BudgetResult[]
  /** What stands against `pass` beside delivery and budgets, in sentences. */
  readonly doubts: readonly string[]
  readonly warnings: readonly string[]
  /** Of the last round, or of the rate that was found. */
  readonly timeline: Timeline
  /** Whether the figures agree with each other; absent where nothing was timed from end to end. */
  readonly littlesLaw?: LittlesLaw
  readonly resources: Resources
  /** Absent without a warm-up. */
  readonly warmup?: WarmUp
  /** In order; absent when there was one. */
  readonly rounds?: readonly RoundResult[]
  /** Least and largest of the rounds by full metric name; absent when there was one. */
  readonly spread?: Readonly<Record<string, { readonly min: number; readonly max: number }>>
  /** Of a search for the highest rate. */
  readonly found?: Found
}

/** One measured repetition. */
export interface RoundResult {
  readonly metrics: Metrics
  readonly correctness: Correctness
}

/** The highest rate that passed and the lowest that failed, in messages per second. */
export interface Found {
  /** `null` when not even the lowest rate passed, or when broken delivery ended the search. */
  readonly rate: number | null
  /** `null` when even the highest rate passed. */
  readonly failedAt: number | null
  /** In the order in which they were held. */
  readonly holds: readonly Hold[]
}

/** One rate, held; judged on its steady part alone. */
export interface Hold {
  readonly rate: number
  readonly verdict: 'pass' | 'fail'
  /** Why it failed; empty when it passed. */
  readonly reasons: readonly string[]
  readonly metrics: Metrics
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
  /** The name in the suite file, where a sweep made several scenarios of it. */
  readonly group?: string
  readonly params: ScenarioParams
}

/** The settings that the figures depend on, as they were in force. */
export interface ScenarioParams {
  /** Absent where time or a search decides. */
  readonly msgs?: number
  readonly durationSeconds?: number
  readonly producers: number
  readonly consumers: number
  readonly mode: Mode
  /** Open loop: one constant rate in messages per second, or the stages. */
  readonly rate?: number
  readonly stages?: readonly Stage[]
  readonly arrival?: Arrival
  /** Of a search: its limits in messages per second, and how long each rate is held. */
  readonly find?: {
    readonly fromRate: number
    readonly toRate: number
    readonly holdSeconds: number
    readonly while: readonly Budget[]
  }
  readonly pipeline: number
  readonly threads: number
  /** MessagePack size of the payloads, or of the smallest and the largest. */
  readonly payloadBytes: number | readonly [min: number, max: number]
  readonly leaseMs: number
  readonly processingMs: number
  readonly idleBackoffMs: number
  readonly idleBackoffMaxMs: number
  readonly warmupMsgs: number
  readonly rounds: number
  readonly seed: number
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
