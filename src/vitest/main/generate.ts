import MagicString, { type SourceMap } from 'magic-string'
import { type Scenario, type Suite, testTimeoutMs } from '../../config/scenario.ts'
import type { SuiteFile, TextRange } from '../../config/suite-file.ts'
import type { ScenarioPlaces, SuiteModule } from '../../config/suite-module.ts'

export interface GeneratedModule {
  readonly code: string
  readonly map: SourceMap
}

/**
 * The module that Vitest runs in place of a suite file: a `describe` with *measure* and *verify*
 * for each scenario, standing where its entry stands.
 *
 * The text of an entry is overwritten at its own offsets, because only overwritten text is
 * mapped back: locations, filters by line and failures then point into the JSON.
 */
export function generateModule(
  text: string,
  file: SuiteFile,
  options: { readonly workerUrl: string },
): GeneratedModule {
  const code = new MagicString(text)
  let end = 0
  file.scenarioRanges.forEach((range, entry) => {
    blank(code, text, { start: end, end: range.start })
    code.overwrite(range.start, range.start + 1, testsOfEntry(file.suite, entry))
    blank(code, text, { start: range.start + 1, end: range.end })
    end = range.end
  })
  blank(code, text, { start: end, end: text.length })
  code.prepend(prelude(file, options.workerUrl))
  return { code: code.toString(), map: code.generateMap({ hires: true, source: file.file }) }
}

/** More than one `describe` where the entry is a sweep. */
function testsOfEntry({ scenarios }: Suite, entry: number): string {
  return scenarios
    .map((scenario, index) => (scenario.entry === entry ? testsOf(index, scenario) : ''))
    .filter(tests => tests !== '')
    .join(' ')
}

function testsOf(
  index: number,
  scenario: { readonly name: string; readonly timeoutMs: number },
): string {
  // Names are literals, because collecting without running finds only those. A retry would judge
  // until it is green, and shuffling would put verify before measure.
  const options = `{ retry: 0, timeout: ${testTimeoutMs(scenario)} }`
  const test = (step: string) =>
    `test(${literal(step)}, ${options}, async ({ annotate, bench, mamamia, onTestFinished, signal, skip, task }) => { await suite.${step}(${index}, { annotate, bench, mamamia, onTestFinished, signal, skip, task }) });`
  return `describe(${literal(scenario.name)}, { shuffle: false }, () => { ${test('measure')} ${test('verify')} });`
}

function prelude(file: SuiteFile, workerUrl: string): string {
  const module: SuiteModule = {
    file: file.file,
    suite: file.suite,
    places: file.suite.scenarios.map(scenario => placesOf(file, scenario)),
  }
  return `import { describe } from 'vitest'; import { SuiteTests, test } from ${literal(workerUrl)}; const suite = new SuiteTests(${literal(module)});`
}

function placesOf(file: SuiteFile, { entry, budgets }: Scenario): ScenarioPlaces {
  const path = ['scenarios', entry]
  return {
    scenario: file.locate(path),
    budgets: Object.fromEntries(
      budgets.map(({ metric }) => [metric, file.locate([...path, 'budgets', metric])]),
    ),
  }
}

/** Keeps line breaks, so that what follows stays on its line. */
function blank(code: MagicString, text: string, { start, end }: TextRange): void {
  if (start < end)
    code.overwrite(start, end, text.slice(start, end).replace(/[^\r\n]+/g, ''), {
      contentOnly: true,
    })
}

/** JSON is JavaScript, `__proto__` apart, which no checked suite has. */
function literal(value: unknown): string {
  return JSON.stringify(value)
}
