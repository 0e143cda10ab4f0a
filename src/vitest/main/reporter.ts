import { resolve } from 'node:path'
import type {
  Reporter,
  SerializedError,
  TestCase,
  TestModule,
  TestRunEndReason,
  TestSpecification,
  Vitest,
} from 'vitest/node'
import type { Settings } from '../../config/settings.ts'
import type { RunResults } from '../../judge/result.ts'
import { RESULTS_SCHEMA_VERSION } from '../../judge/result.ts'
import { runPassed } from '../../judge/scenario-status.ts'
import { assertWritable, type OutputFile, writeOutput } from '../../report/files.ts'
import { resultsJson } from '../../report/json.ts'
import { viewOf } from '../../report/view-model.ts'
import { readEnvironment } from './environment.ts'
import { interruptGracefully } from './interrupt.ts'
import { plainError } from './plain-error.ts'
import { describeMeasured } from './scenario-line.ts'
import {
  definedSuiteRuns,
  readSuiteRuns,
  type SuiteOutcome,
  type SuiteRun,
  suiteOutcomes,
} from './suite-runs.ts'

const COLUMNS_WITHOUT_TERMINAL = 80

/** Prints the table, writes the reports and decides the exit code of a run of suite files. */
export class MamamiaReporter implements Reporter {
  readonly #settings: Settings
  #vitest: Vitest | undefined
  #runs: readonly SuiteRun[] = []

  /** Without settings, those of the suite files are in force. */
  constructor(settings: Settings = { overrides: {}, fallbacks: {} }) {
    this.#settings = settings
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
    if (!vitest.config.watch) interruptGracefully(vitest)
  }

  /** Finds out what cannot be written before anything is measured. */
  async onTestRunStart(specifications: readonly TestSpecification[]): Promise<void> {
    this.#runs = await readSuiteRuns(specifications, this.#settings)
    try {
      for (const output of this.#outputs()) await assertWritable(output)
    } catch (thrown) {
      throw plainError(thrown)
    }
  }

  onTestCaseResult(test: TestCase): void {
    const measured = test.meta().mamamia
    if (measured !== undefined) this.#vitest?.logger.log(describeMeasured(measured.result))
  }

  async onTestRunEnd(
    modules: readonly TestModule[],
    _errors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): Promise<void> {
    const vitest = this.#vitest
    if (vitest === undefined) return
    this.#runs = [...this.#runs, ...definedSuiteRuns(modules, this.#settings)]
    const outcomes = suiteOutcomes(this.#runs, { root: this.#root, modules, reason })
    if (outcomes.length === 0) {
      if (this.#runs.length > 0 && reason === 'passed' && !modules.some(hasRun))
        refuseEmptyRun(vitest)
      return
    }
    const results: RunResults = {
      schemaVersion: RESULTS_SCHEMA_VERSION,
      generatedAt: new Date().toISOString(),
      environment: await readEnvironment(this.#root),
      suites: outcomes.map(outcome => outcome.result),
    }
    if (!runPassed(results)) process.exitCode = 1
    await this.#write(results, outcomes)
    await this.#print(results, outcomes)
  }

  /** Each file has the suites that name it: by default all are in one. */
  async #write(results: RunResults, outcomes: readonly SuiteOutcome[]): Promise<void> {
    for (const output of this.#outputs()) {
      const suites = outcomes.flatMap(({ run, result }) =>
        output.suites.includes(run) ? [result] : [],
      )
      if (suites.length === 0) continue
      const content = await output.render({ ...results, suites })
      await writeOutput(output, content)
    }
  }

  async #print(results: RunResults, outcomes: readonly SuiteOutcome[]): Promise<void> {
    const printed = outcomes.filter(({ run }) => run.suite.output.cli)
    if (printed.length === 0) return
    const suites = printed.map(outcome => outcome.result)
    const { renderTable } = await import('../../report/table.ts')
    const html = this.#outputs().find(
      output =>
        output.what === HTML.what && printed.every(({ run }) => output.suites.includes(run)),
    )
    const table = renderTable(viewOf({ ...results, suites }), {
      columns: process.stdout.columns ?? COLUMNS_WITHOUT_TERMINAL,
      color: process.stdout.isTTY === true && process.stdout.hasColors(),
      ...(html !== undefined && { reportPath: html.shown }),
    })
    this.#vitest?.logger.log(`\n${table}\n`)
  }

  #outputs(): readonly Output[] {
    const outputs = new Map<string, Output>()
    for (const run of this.#runs) {
      const { html, json } = run.suite.output
      if (html !== false) this.#addOutput(outputs, html, run, HTML)
      if (json !== false) this.#addOutput(outputs, json, run, JSON_RESULTS)
    }
    return [...outputs.values()]
  }

  #addOutput(
    outputs: Map<string, Output>,
    shown: string,
    run: SuiteRun,
    format: Pick<Output, 'what' | 'render'>,
  ): void {
    const path = resolve(this.#root, shown)
    const known = outputs.get(path)
    outputs.set(path, { ...format, path, shown, suites: [...(known?.suites ?? []), run] })
  }

  get #root(): string {
    return this.#vitest?.config.root ?? process.cwd()
  }
}

/** Listed by name, it is made by Vitest, whose options for it are no settings of ours. */
export default class NamedReporter extends MamamiaReporter {
  // biome-ignore lint/complexity/noUselessConstructor: it takes no argument.
  constructor() {
    super()
  }
}

function hasRun(module: TestModule): boolean {
  return [...module.children.allTests()].some(test => test.result().state === 'passed')
}

/** Vitest is content when filters skip every test, but a gate that measured nothing is not green. */
function refuseEmptyRun(vitest: Vitest): void {
  process.exitCode = 1
  vitest.logger.error('Cannot judge a run without a scenario: the filters left none\n')
}

interface Output extends OutputFile {
  /** The path as it was written in the settings. */
  readonly shown: string
  readonly suites: readonly SuiteRun[]
  readonly render: (results: RunResults) => Promise<string>
}

const HTML: Pick<Output, 'what' | 'render'> = {
  what: 'HTML report',
  // Loaded when it is needed: templates would delay the start of every run.
  render: async results => (await import('../../report/html.ts')).renderHtml(results),
}

const JSON_RESULTS: Pick<Output, 'what' | 'render'> = {
  what: 'JSON results',
  render: async results => resultsJson(results),
}
