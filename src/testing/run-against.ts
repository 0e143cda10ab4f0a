import type { Address } from '../address.ts'
import type { Scenario } from '../config/scenario.ts'
import type { Correctness } from '../ledger/correctness.ts'
import { type RunOptions, runScenario, type ScenarioRun } from '../load/run-scenario.ts'
import { afterLogs, type Lie } from './lies/lie.ts'
import { startLyingServer } from './lying-server.ts'

/** A small scenario; 200 messages without warm-up unless `settings` say otherwise. */
export function scenarioOf(settings: Partial<Scenario> = {}): Scenario {
  return {
    name: 'small',
    entry: 0,
    msgs: 200,
    mode: 'concurrent',
    load: { kind: 'closed' },
    producers: 2,
    consumers: 3,
    leaseMs: 30_000,
    processingMs: 0,
    idleBackoffMs: 1,
    idleBackoffMaxMs: 16,
    pipeline: 1,
    producerPipeline: settings.pipeline ?? 1,
    threads: 1,
    rounds: 1,
    seed: 1,
    warmupMsgs: 0,
    stallTimeoutMs: 400,
    timeoutMs: 20_000,
    budgets: [],
    ...settings,
  }
}

/** Runs a small scenario against a server that lies in its measured log. */
export async function runAgainst(lie: Lie, settings: Partial<Scenario> = {}): Promise<ScenarioRun> {
  const isWarmedUp = (settings.warmupMsgs ?? 0) > 0
  await using server = await startLyingServer(afterLogs(isWarmedUp ? 1 : 0, lie))
  return await runOn(server, settings)
}

/** Runs a small scenario against whatever listens at `address`. */
export function runOn(
  address: Address,
  settings: Partial<Scenario> = {},
  options: Partial<RunOptions> = {},
): Promise<ScenarioRun> {
  const { signal } = new AbortController()
  return runScenario(scenarioOf(settings), { address, signal, ...options })
}

const COUNTS = [
  'lost',
  'duplicated',
  'corrupted',
  'unexpected',
  'leaseOverlaps',
  'idConflicts',
] as const

/** What counts that are not zero say, after kind and verdict: `completed violated duplicated=1`. */
export function outcomeOf(run: ScenarioRun): string {
  return [run.kind, verdictOf(run.correctness)].join(' ')
}

export function verdictOf(correctness: Correctness): string {
  const counts = COUNTS.filter(name => correctness[name] > 0)
  return [correctness.verdict, ...counts.map(name => `${name}=${correctness[name]}`)].join(' ')
}

/** Everything that a run says in words. */
export function wordsOf(run: ScenarioRun): string {
  const own =
    run.kind === 'failed' ? run.error.message : run.kind === 'stalled' ? run.diagnosis : ''
  return [own, ...run.correctness.reasons, ...run.warnings].join('\n')
}
