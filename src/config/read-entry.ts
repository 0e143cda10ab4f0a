import { completeScenario } from './complete-scenario.ts'
import type { ConfigIssue } from './config-issue.ts'
import type { ConfigPath } from './field.ts'
import type { Inheritance } from './inheritance.ts'
import { readLoad } from './load-model.ts'
import type { Scenario } from './scenario.ts'
import { issuesOfMissing, issuesOfScenario, type ScenarioIssue } from './scenario-checks.ts'
import { scenarioSchema } from './scenario-schema.ts'
import { type Combination, combinationsOf, countCombinations, sweptKeys } from './sweep.ts'

/** The scenarios that one entry of a suite makes, of which any can be wrong. */
export interface EntryReading {
  /** Those in which nothing is wrong by itself. */
  readonly scenarios: readonly Scenario[]
  /** How many it means to make, right or wrong. */
  readonly count: number
  /** What only shows after merging and sweeping. */
  readonly issues: readonly ConfigIssue[]
}

/** Of one entry; those of a suite have a limit of their own. */
const SWEEP_MAX = 200

export function readEntry(
  inheritance: Inheritance,
  index: number,
  { openFilesMax }: { readonly openFilesMax: number },
): EntryReading {
  const entry = inheritance.entries[index]
  if (entry === undefined) return { scenarios: [], count: 1, issues: [] }
  const path: ConfigPath = ['scenarios', index]
  const located = ({ places, message }: ScenarioIssue, placeOf: Combination['placeOf']) => ({
    path: inheritance.nearestOf(places.map(place => [...path, ...placeOf(place)])),
    message,
  })

  const count = countCombinations(entry.keys)
  if (count > SWEEP_MAX) {
    const message = `Cannot make a sweep of ${count} scenarios: the limit is ${SWEEP_MAX}`
    const issue = { places: sweptKeys(entry.keys).map(key => [key]), message }
    return { scenarios: [], count: 1, issues: [located(issue, place => place)] }
  }
  const base = entry.base === undefined ? undefined : inheritance.entries[entry.base]?.keys
  const combinations = combinationsOf(entry.keys)
  return {
    scenarios: combinations.flatMap(combination => makeScenario(combination, index) ?? []),
    count,
    issues: [
      ...issuesOfMissing(entry.keys, { base, path }),
      ...combinations.flatMap(({ keys, placeOf }) =>
        issuesOfScenario(keys, openFilesMax).map(issue => located(issue, placeOf)),
      ),
    ],
  }
}

function makeScenario({ keys, label }: Combination, entry: number): Scenario | undefined {
  const { data } = scenarioSchema.safeParse(keys)
  const reading = readLoad(keys)
  if (data === undefined || reading.kind !== 'read') return undefined
  const { load, msgs } = reading
  return completeScenario(data, { entry, label, load, msgs })
}
