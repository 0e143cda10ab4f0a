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

/** A suite of this run, with the settings in force. */
export interface SuiteRun {
  /** Absolute path, as Vitest knows the module. */
  readonly file: string
  readonly suite: Suite
  /** Tells apart the suites that one file defines in code; absent in a suite file. */
  readonly number?: number
}

/** What became of a suite in one project of Vitest. */
export interface SuiteOutcome {
  readonly run: SuiteRun
  readonly result: SuiteResult
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

/** Suites that are defined in code: their tests name them. A file may define several. */
export function definedSuiteRuns(
  modules: readonly TestModule[],
  settings: Settings,
): readonly SuiteRun[] {
  const runs = modules.flatMap(module =>
    [...module.children.allTests()].flatMap(test => {
      const { mamamiaSuite } = test.meta()
      if (mamamiaSuite === undefined) return []
      const { number, suite } = mamamiaSuite
      return [{ file: module.moduleId, number, suite: applySettings(suite, settings) }]
    }),
  )
  // Each of its tests names a suite, in every project that runs the file.
  return [...new Map(runs.map(run => [`${run.number} ${run.file}`, run])).values()]
}

/** What became of the suites, project by project; without those of which the filters left nothing. */
export function suiteOutcomes(
  runs: readonly SuiteRun[],
  options: {
    readonly root: string
    readonly modules: readonly TestModule[]
    readonly reason: TestRunEndReason
  },
): readonly SuiteOutcome[] {
  return runs.flatMap(run => {
    const modules = options.modules.filter(module => module.moduleId === run.file)
    return (modules.length > 0 ? modules : [undefined]).flatMap(module => {
      const result = suiteResult(run, { ...options, module })
      return result === undefined ? [] : [{ run, result }]
    })
  })
}

function suiteResult(
  { file, suite, number }: SuiteRun,
  options: {
    readonly root: string
    readonly module: TestModule | undefined
    readonly reason: TestRunEndReason
  },
): SuiteResult | undefined {
  const tests = [...(options.module?.children.allTests() ?? [])]
  const scenarios = suite.scenarios.flatMap((scenario, index) => {
    const own = tests.filter(
      test =>
        test.parent.type === 'suite' &&
        test.parent.name === scenario.name &&
        test.meta().mamamiaSuite?.number === number,
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
