import { pause, systemClock } from '../../clock.ts'
import type { Scenario, ServerTarget } from '../../config/scenario.ts'
import { BenchError } from '../../errors.ts'
import type { ScenarioResult } from '../../judge/result.ts'
import { failedScenario, interruptedScenario } from '../../judge/unmeasured.ts'
import {
  type MeasuredPart,
  runScenario,
  type ScenarioProgress,
  type ScenarioRun,
} from '../../load/run-scenario.ts'
import { Tally } from '../../measure/tally.ts'
import { serverExitedError } from '../../target/server-exit.ts'
import { startTarget, type Target } from '../../target/start-target.ts'
import { watchUsage } from '../../target/usage-watch.ts'
import { judgeRun, rateAfter, shownParts } from './judge-run.ts'

export interface MeasureOptions {
  readonly server: ServerTarget
  readonly signal: AbortSignal
  readonly onProgress?: (progress: ScenarioProgress) => void
}

/** The result, and where there are figures, what they were counted from. */
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
  return {
    result: judgeRun(scenario, run),
    tally: run.kind === 'completed' ? mergedTally(shownParts(scenario, run.parts)) : undefined,
  }
}

function runOn(target: Target, scenario: Scenario, options: MeasureOptions): Promise<ScenarioRun> {
  const { signal, onProgress } = options
  return runScenario(scenario, {
    address: target,
    signal,
    watchServer: () => watchUsage(target, { clock: systemClock }),
    nextRate: parts => rateAfter(scenario, parts),
    ...(onProgress !== undefined && { onProgress }),
  })
}

/** A server that ended says more about a failed run than the connections that broke with it. */
async function withExit(target: Target, run: ScenarioRun): Promise<ScenarioRun> {
  if (run.kind !== 'failed' || run.error.code !== 'CONNECTION_CLOSED') return run
  const exit = await Promise.race([target.exited, pause(systemClock, EXIT_NEWS_LIMIT_MS)])
  return exit === undefined ? run : { ...run, error: serverExitedError(exit) }
}

function mergedTally(parts: readonly MeasuredPart[]): Tally {
  const merged = new Tally()
  for (const { tally } of parts) merged.merge(tally.toData())
  return merged
}
