import { describe, expect, test } from 'vitest'
import type { RunResults } from '../judge/result.ts'
import {
  budget,
  exampleResults,
  failedScenario,
  interruptedScenario,
  measuredScenario,
} from '../testing/example-results.ts'
import { resultsJson } from './json.ts'

const RESULTS = exampleResults([
  measuredScenario({ budgets: [budget({ value: null, verdict: 'no-data' })] }),
  failedScenario({ name: '</script> "quoted"' }),
  interruptedScenario(),
])

describe('resultsJson()', () => {
  test('loses nothing', () => {
    expect(JSON.parse(resultsJson(RESULTS))).toEqual(RESULTS)
  })

  test('is the same text however the objects were built', () => {
    expect(resultsJson(reversed(RESULTS) as RunResults)).toBe(resultsJson(RESULTS))
  })

  test('opens with the version and ends with a newline', () => {
    expect(resultsJson(RESULTS)).toMatch(/^\{\n {2}"schemaVersion": 1,\n {2}"generatedAt"/)
    expect(resultsJson(RESULTS)).toMatch(/[^\n]\n$/)
  })

  test('orders a key that it does not know after those that it knows', () => {
    const extended = { zeta: 1, alpha: 2, ...RESULTS }
    expect(Object.keys(JSON.parse(resultsJson(extended)))).toEqual([
      'schemaVersion',
      'generatedAt',
      'environment',
      'suites',
      'alpha',
      'zeta',
    ])
  })

  test('begins a scenario with its name and ends it with its warnings', () => {
    const [scenario] = JSON.parse(resultsJson(RESULTS)).suites[0].scenarios
    expect(Object.keys(scenario)).toEqual([
      'name',
      'status',
      'params',
      'metrics',
      'correctness',
      'budgets',
      'warnings',
    ])
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, reversed(inner)] as const)
  return Object.fromEntries(entries.reverse())
}
