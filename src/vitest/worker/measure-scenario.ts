import { pause, systemClock } from '../../clock.ts'
import type { Scenario, ServerTarget } from '../../config/scenario.ts'
import { BenchError } from '../../errors.ts'
import { judgeBudgets } from '../../judge/budgets.ts'
import type { ScenarioResult } from '../../judge/result.ts'
import { scenarioStatus } from '../../judge/scenario-status.ts'
import { failedScenario, identityOf, interruptedScenario } from '../../judge/unmeasured.ts'
import { runScenario, type ScenarioProgress, type ScenarioRun } from '../../load/run-scenario.ts'
import { computeMetrics } from '../../measure/compute-metrics.ts'
import type { Tally } from '../../measure/tally.ts'
import { serverExitedError } from '../../target/server-exit.ts'
import { startTarget, type Target } from '../../target/start-target.ts'

export interface MeasureOptions {
  readonly server: ServerTarget
  readonly signal: AbortSignal
  readonly onProgress?: (progress: ScenarioProgress) => void
}

/** The result, and what was counted where there are figures. */
export interface Measurement {
  readonly result: ScenarioResult
  readonly tally: Tally | undefined
}

/** How long a broken connection waits for news that its server has ended. */
const EXIT_NEWS_LIMIT_MS = 500

/**
 * Measures and judges one scenario against a server of its own, which is gone when this returns.
 * Never throws for what server or run did: the result says it.
 */
export async function measureScenario(
  scenario: Scenario,
  options: MeasureOptions,
): Promise<Measurement> {
  const { server, signal } = options
  let run: ScenarioRun
  try {
    await using target = await startTarget(server, { signal })
    run = await withExit(target, await runOn(target, scenario, options))
  } catch (thrown) {
    const result = signal.aborted
      ? interruptedScenario(scenario)
      : failedScenario(scenario, BenchError.from(thrown))
    return { result, tally: undefined }
  }
  return { result: judge(scenario, run), tally: run.kind === 'completed' ? run.tally : undefined }
}

function runOn(target: Target, scenario: Scenario, options: MeasureOptions): Promise<ScenarioRun> {
  const { signal, onProgress } = options
  return runScenario(scenario, {
    address: target,
    signal,
    serverCpuNs: async () => (await target.usage())?.cpuNs,
    ...(onProgress !== undefined && { onProgress }),
  })
}

/** A server that ended says more about a failed run than the connections that broke with it. */
async function withExit(target: Target, run: ScenarioRun): Promise<ScenarioRun> {
  if (run.kind !== 'failed' || run.error.code !== 'CONNECTION_CLOSED') return run
  const exit = await Promise.race([target.exited, pause(systemClock, EXIT_NEWS_LIMIT_MS)])
  return exit === undefined ? run : { ...run, error: serverExitedError(exit) }
}

function judge(scenario: Scenario, run: ScenarioRun): ScenarioResult {
  const identity = identityOf(scenario)
  const { correctness, warnings } = run
  switch (run.kind) {
    case 'completed': {
      const metrics = computeMetrics(run.tally, scenario, run.cpu)
      const budgets = judgeBudgets(scenario.budgets, metrics)
      const status = scenarioStatus(correctness, budgets)
      return { ...identity, status, metrics, correctness, budgets, warnings }
    }
    case 'stalled': {
      const error = { code: 'RUN_STALLED', message: run.diagnosis } as const
      return { ...identity, status: 'error', error, correctness, warnings }
    }
    case 'failed': {
      const { code, message } = run.error
      return { ...identity, status: 'error', error: { code, message }, correctness, warnings }
    }
    case 'interrupted':
      return { ...identity, status: 'interrupted', correctness, warnings }
    default:
      return run satisfies never
  }
}
