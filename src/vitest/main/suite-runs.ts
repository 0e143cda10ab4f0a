import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import type { TestCase, TestModule, TestRunEndReason, TestSpecification } from 'vitest/node'
import { formatAddress } from '../../address.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { Scenario, Suite } from '../../config/scenario.ts'
import { applySettings, type Settings } from '../../config/settings.ts'
import { parseSuite } from '../../config/suite-file.ts'
import type { ScenarioResult, SuiteResult } from '../../judge/result.ts'
import { failedScenario, interruptedScenario } from '../../judge/unmeasured.ts'

/** A suite file of this run, with the settings in force. */
export interface SuiteRun {
  /** Absolute path, as Vitest knows the module. */
  readonly file: string
  readonly suite: Suite
}

/**
 * Reads the suite files among what Vitest is about to run. One that is not valid is left out: its
 * module fails with every problem located.
 */
export async function readSuiteRuns(
  specifications: readonly TestSpecification[],
  settings: Settings,
): Promise<readonly SuiteRun[]> {
  const files = new Set(specifications.map(specification => specification.moduleId))
  const configured = settings.config === undefined ? undefined : resolve(settings.config)
  const runs: SuiteRun[] = []
  for (const file of files) {
    if (!/\.jsonc?$/.test(file) && file !== configured) continue
    try {
      const { suite } = parseSuite(await readFile(file, 'utf8'), file)
      runs.push({ file, suite: applySettings(suite, settings) })
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown
    }
  }
  return runs
}

/** Suites that are defined in code: what is known of them came with their results. */
export function definedSuiteRuns(modules: readonly TestModule[]): readonly SuiteRun[] {
  return modules.flatMap(module => {
    const suites = [...module.children.allTests()].map(test => test.meta().mamamia?.suite)
    const suite = suites.find(found => found !== undefined)
    return suite === undefined ? [] : [{ file: module.moduleId, suite }]
  })
}

/** What became of a suite; `undefined` when the filters left nothing of it. */
export function suiteResult(
  { file, suite }: SuiteRun,
  options: {
    readonly root: string
    readonly module: TestModule | undefined
    readonly reason: TestRunEndReason
  },
): SuiteResult | undefined {
  const tests = [...(options.module?.children.allTests() ?? [])]
  const scenarios = suite.scenarios.flatMap((scenario, index) => {
    const own = tests.filter(
      ({ parent }) => parent.type === 'suite' && parent.name === scenario.name,
    )
    return scenarioResult(scenario, index, own, options.reason) ?? []
  })
  if (scenarios.length === 0) return undefined
  const { server } = suite
  const addr = server.kind === 'address' ? { addr: formatAddress(server) } : {}
  return { file: relative(options.root, file), server: { kind: server.kind, ...addr }, scenarios }
}

function scenarioResult(
  scenario: Scenario,
  index: number,
  tests: readonly TestCase[],
  reason: TestRunEndReason,
): ScenarioResult | undefined {
  const measured = tests.map(test => test.meta().mamamia).filter(meta => meta?.scenario === index)
  const result = measured.at(-1)?.result
  if (result !== undefined) return result
  const failure = tests.flatMap(test => test.result().errors ?? [])[0]
  if (failure !== undefined) {
    return failedScenario(scenario, { code: 'INTERNAL', message: failure.message })
  }
  if (reason === 'interrupted') return interruptedScenario(scenario)
  return undefined
}
