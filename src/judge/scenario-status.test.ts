import { describe, expect, test } from 'vitest'
import {
  budget,
  correctness,
  exampleResults,
  failedScenario,
  interruptedScenario,
  measuredScenario,
} from '../testing/example-results.ts'
import type { BudgetResult } from './result.ts'
import { runPassed, scenarioStatus } from './scenario-status.ts'

describe('scenarioStatus()', () => {
  test.each([
    { verdicts: [], status: 'pass' },
    { verdicts: ['pass'], status: 'pass' },
    { verdicts: ['pass', 'warn'], status: 'pass' },
    { verdicts: ['pass', 'fail'], status: 'fail' },
    { verdicts: ['pass', 'no-data'], status: 'fail' },
    { verdicts: ['warn', 'inconclusive'], status: 'inconclusive' },
    { verdicts: ['inconclusive', 'fail'], status: 'fail' },
  ] as const)('exactly-once with budgets $verdicts is $status', ({ verdicts, status }) => {
    expect(scenarioStatus(correctness({}), budgets(verdicts))).toBe(status)
  })

  test.each(['violated', 'unknown'] as const)('%s delivery fails whatever the budgets', verdict => {
    expect(scenarioStatus(correctness({ verdict }), [])).toBe('fail')
    expect(scenarioStatus(correctness({ verdict }), budgets(['pass']))).toBe('fail')
    expect(scenarioStatus(correctness({ verdict }), budgets(['inconclusive']))).toBe('fail')
  })
})

describe('runPassed()', () => {
  test('is true when every scenario passed', () => {
    expect(runPassed(exampleResults([measuredScenario(), measuredScenario()]))).toBe(true)
  })

  test.each([
    measuredScenario({ status: 'fail' }),
    measuredScenario({ status: 'inconclusive' }),
    failedScenario(),
    interruptedScenario(),
  ])('is false beside one that is $status', scenario => {
    expect(runPassed(exampleResults([measuredScenario(), scenario]))).toBe(false)
  })

  test('is false when nothing was measured', () => {
    const results = exampleResults([measuredScenario()])
    expect(runPassed(exampleResults([]))).toBe(false)
    expect(runPassed({ ...results, suites: [] })).toBe(false)
    expect(
      runPassed({ ...results, suites: [...results.suites, ...exampleResults([]).suites] }),
    ).toBe(false)
  })
})

function budgets(verdicts: readonly BudgetResult['verdict'][]): BudgetResult[] {
  return verdicts.map(verdict => budget({ verdict }))
}
