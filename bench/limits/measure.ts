import type { Scenario, ServerTarget } from '../../src/config/scenario.ts'
import { defineSuite } from '../../src/config/suite.ts'
import type { MeasuredScenario } from '../../src/judge/result.ts'
import { measureScenario } from '../../src/vitest/worker/measure-scenario.ts'
import type { ScenarioInput } from '../../src/vitest/worker/test.ts'

export function scenarioOf(
  input: Omit<ScenarioInput, 'name'> & { readonly name?: string },
): Scenario {
  const [scenario] = defineSuite({ scenarios: [{ name: 'limits', ...input }] }).scenarios
  if (scenario === undefined) throw new Error('Cannot measure: there is no scenario')
  return scenario
}

/** The result of a run that has figures and delivered exactly once; throws where it is not so. */
export async function measure(
  scenario: Scenario,
  server: ServerTarget = { kind: 'embedded' },
): Promise<MeasuredScenario> {
  const { signal } = new AbortController()
  const { result } = await measureScenario(scenario, { server, signal })
  if (!('metrics' in result) || result.correctness.verdict !== 'exactly-once') {
    const why = 'error' in result ? [result.error.message] : result.correctness.reasons
    throw new Error(`Cannot use the run of ${scenario.name}: ${why.join(', ')}`)
  }
  return result
}

/** Messages a second from the first PRODUCE to the last SETTLE. */
export function rateOf({ metrics, correctness }: MeasuredScenario): number {
  return correctness.settled / ((metrics.durationMs ?? Number.NaN) / 1000)
}
