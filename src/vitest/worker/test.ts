import { test as fixtures } from '../../../fixtures/index.ts'
import { serverInForce } from '../../../fixtures/server.ts'
import { defineSuite, type SuiteInput } from '../../config/suite.ts'
import { BenchError } from '../../errors.ts'
import type { ScenarioResult } from '../../judge/result.ts'
import { measureScenario } from './measure-scenario.ts'

/** A scenario as the suite file has it. */
export type ScenarioInput = SuiteInput['scenarios'][number]

/**
 * `test` with the fixtures `server`, `clients` and `measure`.
 *
 * `measure(scenario)` runs a scenario against a server of its own, with the settings in force, and
 * returns its result; it never throws for what the run did, so assert on the result with
 * `toDeliverExactlyOnce` and `toMeetBudget`.
 */
export const test = fixtures.extend('measure', ({ mamamia, signal }) => {
  const server = serverInForce(mamamia)
  return async (input: ScenarioInput): Promise<ScenarioResult> => {
    const [scenario, ...others] = defineSuite({ scenarios: [input] }).scenarios
    if (scenario === undefined) throw new BenchError('INTERNAL', 'Cannot measure: no scenario')
    if (others.length > 0) {
      const message = `Cannot measure a sweep of ${others.length + 1} scenarios as one: call measure for each of its values`
      throw new BenchError('CONFIG_INVALID', message)
    }
    return (await measureScenario(scenario, { server, signal })).result
  }
})
