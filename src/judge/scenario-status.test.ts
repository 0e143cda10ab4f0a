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
import { judgeStatus, runPassed } from './scenario-status.ts'

describe('judgeStatus()', () => {
  test.each([
    { verdicts: [], status: 'pass' },
    { verdicts: ['pass'], status: 'pass' },
    { verdicts: ['pass', 'warn'], status: 'pass' },
    { verdicts: ['pass', 'fail'], status: 'fail' },
    { verdicts: ['pass', 'no-data'], status: 'fail' },
    { verdicts: ['warn', 'inconclusive'], status: 'inconclusive' },
    { verdicts: ['inconclusive', 'fail'], status: 'fail' },
  ] as const)('exactly-once with budgets $verdicts is $status', ({ verdicts, status }) => {
    const judged = { correctness: correctness({}), budgets: budgets(verdicts) }

    expect(judgeStatus(judged)).toEqual({ status, doubts: [] })
  })

  test.each(['violated', 'unknown'] as const)('%s delivery fails whatever the budgets', verdict => {
    for (const verdicts of [[], ['pass'], ['inconclusive']] as const) {
      const judged = { correctness: correctness({ verdict }), budgets: budgets(verdicts) }

      expect(judgeStatus(judged)).toEqual({ status: 'fail', doubts: [] })
    }
  })

  test.each([
    { unsentShare: 0.01, verdicts: ['pass'], status: 'pass' },
    { unsentShare: 0.0101, verdicts: ['pass'], status: 'inconclusive' },
    { unsentShare: 0.0101, verdicts: [], status: 'inconclusive' },
    { unsentShare: 1, verdicts: ['warn'], status: 'inconclusive' },
    { unsentShare: 0.5, verdicts: ['fail'], status: 'fail' },
    { unsentShare: 0.5, verdicts: ['no-data'], status: 'fail' },
  ] as const)(
    'with budgets $verdicts and $unsentShare of the load unsent is $status',
    ({ unsentShare, verdicts, status }) => {
      const judged = { budgets: budgets(verdicts), unsentShare }
      const broken = correctness({ verdict: 'unknown' })

      expect(judgeStatus({ ...judged, correctness: correctness({}) }).status).toBe(status)
      expect(judgeStatus({ ...judged, correctness: broken }).status).toBe('fail')
    },
  )

  test('says how much of the load was not there', () => {
    const judged = { correctness: correctness({}), budgets: [], unsentShare: 0.123 }

    expect(judgeStatus(judged).doubts).toEqual([
      'The load was not what it should be: 12.3 % of the offered messages could not be sent within the run, more than 1 %',
    ])
  })

  test('a search that found a rate passes, one that found none fails and says why', () => {
    const judged = { correctness: correctness({}), budgets: [] }
    const reasons = ['latencyMs.p95 is 51.0 ms, over the maximum of 50 ms', '3 messages were lost']
    const holds = [{ rate: 1000, verdict: 'fail', reasons, metrics: {} }] as const

    expect(judgeStatus({ ...judged, found: { rate: 1000, holds: [] } })).toEqual({
      status: 'pass',
      doubts: [],
    })
    expect(judgeStatus({ ...judged, found: { rate: null, holds } })).toEqual({
      status: 'fail',
      doubts: [
        'No rate passed, not even 1000 msg/s: latencyMs.p95 is 51.0 ms, over the maximum of 50 ms; 3 messages were lost',
      ],
    })
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
