import { expect, type TestContext } from 'vitest'
import type { Scenario, Suite } from '../../config/scenario.ts'
import { applySettings, type Settings } from '../../config/settings.ts'
import type { Position } from '../../config/suite-file.ts'
import type { ScenarioPlaces, SuiteModule } from '../../config/suite-module.ts'
import { BenchError, messageOf } from '../../errors.ts'
import type { BudgetResult, MeasuredScenario, ScenarioResult } from '../../judge/result.ts'
import { toBenchResult } from './bench-result.ts'
import { measureScenario } from './measure-scenario.ts'
import './matchers.ts'
import { scenarioFunction } from './provider.ts'

/** What a generated test hands over. */
export interface SuiteTestContext
  extends Pick<TestContext, 'annotate' | 'bench' | 'onTestFinished' | 'signal' | 'skip' | 'task'> {
  readonly mamamia: Settings
}

declare module 'vitest' {
  interface TaskMeta {
    /** Set on the test that measured, whatever came of it. */
    mamamia?: {
      readonly scenario: number
      readonly result: ScenarioResult
    }
    /** Of the tests of a suite that is defined in code: the suite, numbered within its worker. */
    mamamiaSuite?: { readonly number: number; readonly suite: Suite }
  }
}

/**
 * The tests of one suite file. *measure* runs a scenario and *verify* asserts on what was measured;
 * alone, verify measures first, so that it is never green without a measurement.
 */
export class SuiteTests {
  readonly #module: SuiteModule
  readonly #results = new Map<number, ScenarioResult>()

  constructor(module: SuiteModule) {
    this.#module = module
    // Ctrl-C reaches the whole process group: the main process decides, or nothing is cleaned up.
    if (process.listenerCount('SIGINT') === 0) process.on('SIGINT', () => {})
  }

  /** Fails when there are no figures; a broken promise of the server is for `verify` to say. */
  async measure(index: number, context: SuiteTestContext): Promise<void> {
    const { scenario, places } = this.#scenario(index)
    const { server } = applySettings(this.#module.suite, context.mamamia)
    const job = async () => {
      const measuring = measureScenario(scenario, { server, signal: context.signal })
      // An aborted test does not wait for its function; without this, the counts come too late.
      context.onTestFinished(async () => void (await measuring))
      const { result, tally } = await measuring
      this.#results.set(index, result)
      context.task.meta.mamamia = { scenario: index, result }
      const figures =
        tally === undefined || !('metrics' in result)
          ? undefined
          : toBenchResult(scenario, tally, result.metrics)
      if (figures === undefined) {
        throw this.#located(whyNoFigures(result), scenario.name, places?.scenario)
      }
      return figures
    }
    await context.bench(scenario.name, scenarioFunction(job)).run()
  }

  /** Lists every violation: delivery first, then each budget at its line. */
  async verify(index: number, context: SuiteTestContext): Promise<void> {
    const wasTried = this.#results.has(index)
    if (!wasTried) await this.measure(index, context)
    const { scenario, places } = this.#scenario(index)
    const result = this.#results.get(index)
    if (result === undefined || !('metrics' in result)) {
      return context.skip('There is nothing to verify: the measurement failed')
    }
    const broken = result.budgets.filter(budget => budget.verdict !== 'pass')
    // First, because a test that has failed takes no annotations.
    for (const { verdict, reason } of broken) {
      if (verdict === 'warn') await context.annotate(reason, 'warning')
    }
    this.#softly(scenario.name, places?.scenario, () => expect(result).toDeliverExactlyOnce())
    for (const budget of broken) {
      if (budget.verdict !== 'warn') this.#verifyBudget(budget, result, places)
    }
    for (const doubt of result.doubts) {
      this.#softly(scenario.name, places?.scenario, () => {
        throw new Error(doubt)
      })
    }
  }

  #verifyBudget(
    { metric, bound, limit }: BudgetResult,
    result: MeasuredScenario,
    places: ScenarioPlaces | undefined,
  ): void {
    const place = places?.budgets[metric] ?? places?.scenario
    this.#softly(`budgets.${metric}`, place, () => {
      expect(result).toMeetBudget(metric, bound === 'max' ? { max: limit } : { min: limit })
    })
  }

  #softly(what: string, place: Position | undefined, assertion: () => void): void {
    try {
      assertion()
    } catch (thrown) {
      expect.soft(this.#located(thrown, what, place)).toBeRethrown()
    }
  }

  /** The stack is all that Vitest looks at to find the place of a failure. */
  #located(thrown: unknown, what: string, place: Position | undefined): Error {
    const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown))
    if (place === undefined) return error
    const { line, column } = place
    error.stack = `${error.name}: ${error.message}\n    at ${what} (${this.#module.file}:${line}:${column})`
    return error
  }

  #scenario(index: number): {
    readonly scenario: Scenario
    readonly places: ScenarioPlaces | undefined
  } {
    const scenario = this.#module.suite.scenarios[index]
    if (scenario === undefined) {
      throw new BenchError('INTERNAL', `Cannot find scenario ${index} of ${this.#module.file}`)
    }
    return { scenario, places: this.#module.places[index] }
  }
}

expect.extend({
  /** Lets a soft assertion fail with an error that exists already, its stack included. */
  toBeRethrown(error: Error) {
    throw error
  },
})

declare module 'vitest' {
  interface Matchers<R, T> {
    toBeRethrown(): R
  }
}

function whyNoFigures(result: ScenarioResult): BenchError {
  switch (result.status) {
    case 'error':
      return new BenchError(result.error.code, result.error.message)
    case 'interrupted': {
      const { produced, settled } = result.correctness
      const message = `The run was interrupted with ${produced} messages acknowledged and ${settled} settled`
      return new BenchError('INTERRUPTED', message)
    }
    default:
      return new BenchError('INTERNAL', 'Nothing was settled, so there is no throughput')
  }
}
