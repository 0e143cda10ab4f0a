import type { z } from 'zod'
import { BenchError } from '../errors.ts'
import { type ConfigIssue, checkValue, withoutRepeats } from './config-issue.ts'
import { issuesOfContradictions } from './contradictions.ts'
import { type ConfigPath, showPath, showValue } from './field.ts'
import { inherit } from './inheritance.ts'
import { openFilesMax } from './open-files.ts'
import { type Keys, outlineOf } from './outline.ts'
import { readEntry } from './read-entry.ts'
import type { Scenario, Suite } from './scenario.ts'
import { SCENARIOS_MAX, suiteSchema } from './suite-schema.ts'

/** A suite as people write it, in a file or for `defineSuite()`. */
export type SuiteInput = DeepReadonly<z.input<typeof suiteSchema>>

export type SuiteCheck =
  | {
      readonly kind: 'valid'
      readonly suite: Suite
      /** Where what a scenario has at a path is written: there, in a base of it, or in defaults. */
      readonly originOf: (path: ConfigPath) => ConfigPath
    }
  /** All that is wrong, in no order, each with the path where it is written. */
  | { readonly kind: 'invalid'; readonly issues: readonly ConfigIssue[] }

/** The suite that is written in code; throws CONFIG_INVALID with every issue, one per line. */
export function defineSuite(input: SuiteInput): Suite {
  const check = checkSuite(input)
  if (check.kind === 'valid') return check.suite
  const lines = check.issues.map(({ path, message }) => `${showPath(path, 'suite')}: ${message}`)
  throw new BenchError('CONFIG_INVALID', lines.join('\n'))
}

/** Checks, merges, expands and completes a suite of unknown content. */
export function checkSuite(
  value: unknown,
  limits: { readonly openFilesMax: number } = { openFilesMax: openFilesMax() },
): SuiteCheck {
  const checked = checkValue(suiteSchema, value, 'the suite')
  const outline = outlineOf(value)
  const inheritance = inherit(outline)
  const entries = outline.scenarios.map((_, index) => readEntry(inheritance, index, limits))
  const count = entries.reduce((total, entry) => total + entry.count, 0)
  const issues = withoutRepeats([
    ...(checked.kind === 'valid' ? [] : checked.issues),
    ...issuesOfContradictions(outline.defaults, ['defaults']),
    ...outline.scenarios.flatMap((written, index) =>
      issuesOfContradictions(written ?? {}, ['scenarios', index]),
    ),
    ...inheritance.issues,
    ...entries.flatMap(entry => entry.issues),
    ...issuesOfNames(
      outline.scenarios.map((written, index) => namesOf(written, entries[index]?.scenarios ?? [])),
    ),
    ...issuesOfCount(count, entries.length),
  ])
  if (checked.kind === 'invalid' || issues.length > 0) return { kind: 'invalid', issues }
  const scenarios = entries.flatMap(entry => entry.scenarios)
  if (scenarios.length < count) {
    throw new BenchError('INTERNAL', 'Cannot complete a suite in which nothing is wrong')
  }
  const { server, output } = checked.data
  const stated = [...Object.keys(outline.output), ...('server' in outline ? ['server'] : [])]
  return {
    kind: 'valid',
    suite: {
      scenarios,
      server,
      output,
      stated: (['server', 'cli', 'html', 'json'] as const).filter(key => stated.includes(key)),
    },
    originOf: inheritance.originOf,
  }
}

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

/** The name that is written and those that a sweep made of it: no other entry may have any. */
function namesOf(written: Keys | null, scenarios: readonly Scenario[]): readonly string[] {
  const name = typeof written?.name === 'string' ? [written.name.trim()] : []
  return [...name, ...scenarios.map(({ name }) => name)].filter(name => name !== '')
}

function issuesOfNames(entries: readonly (readonly string[])[]): ConfigIssue[] {
  const first = new Map<string, number>()
  return entries.flatMap((names, index) => {
    const taken = names.find(name => first.has(name))
    for (const name of names) first.set(name, first.get(name) ?? index)
    if (taken === undefined) return []
    const message = `Cannot use the name ${showValue(taken)} twice: scenarios[${first.get(taken)}] has it already`
    return [{ path: ['scenarios', index, 'name'], message }]
  })
}

/** Those that are written have the same limit in the schema. */
function issuesOfCount(count: number, written: number): ConfigIssue[] {
  if (count <= SCENARIOS_MAX || written > SCENARIOS_MAX) return []
  const message = `Cannot run ${count} scenarios, sweeps expanded: the limit is ${SCENARIOS_MAX}`
  return [{ path: ['scenarios'], message }]
}
