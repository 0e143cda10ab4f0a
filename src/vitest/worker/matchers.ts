import { expect } from 'vitest'
import type { Budget } from '../../config/scenario.ts'
import { judgeBudgets } from '../../judge/budgets.ts'
import type { ScenarioResult } from '../../judge/result.ts'
import { METRICS } from '../../measure/metrics.ts'

/** A bare number is a maximum where less is better and a minimum where more is better. */
export type Limit =
  | number
  | { readonly max: number; readonly min?: number }
  | { readonly min: number; readonly max?: number }

declare module 'vitest' {
  interface Matchers<R, T> {
    /**
     * Fails unless every message was delivered and settled exactly once, and that is known; `not`
     * fails unless a violation is known.
     */
    toDeliverExactlyOnce(): R
    /** Fails when the metric breaks the limit; with and without `not` when it has no data. */
    toMeetBudget(metric: string, limit: Limit): R
  }
}

expect.extend({
  toDeliverExactlyOnce(received: ScenarioResult) {
    const { verdict, reasons, ...counts } = received.correctness
    return {
      pass: this.isNot ? verdict !== 'violated' : verdict === 'exactly-once',
      message: () => {
        const expected = this.isNot ? 'a violation' : 'delivery exactly once'
        return `Expected ${expected}, but it is ${[verdict, ...reasons].join('; ').replace('; ', ': ')}`
      },
      actual: { verdict, ...counts },
      expected: { verdict: 'exactly-once', ...counts, ...NO_ANOMALY },
    }
  },

  toMeetBudget(received: ScenarioResult, metric: string, limit: Limit) {
    const metrics = 'metrics' in received ? received.metrics : {}
    const judged = judgeBudgets(budgetsOf(metric, limit), metrics)
    const withoutData = judged.some(({ verdict }) => verdict === 'no-data')
    const kept = judged.every(({ verdict }) => verdict === 'pass')
    const told = judged.filter(({ verdict }) => kept || verdict !== 'pass')
    return {
      pass: withoutData ? this.isNot : kept,
      message: () => told.map(({ reason }) => reason).join('; '),
    }
  },
})

const NO_ANOMALY = {
  lost: 0,
  duplicated: 0,
  corrupted: 0,
  unexpected: 0,
  leaseOverlaps: 0,
  idConflicts: 0,
}

function budgetsOf(metric: string, limit: Limit): readonly Budget[] {
  const definition = METRICS.get(metric)
  if (definition === undefined) {
    throw new TypeError(
      `Cannot judge the metric ${JSON.stringify(metric)}: the known ones are ${[...METRICS.keys()].join(', ')}`,
    )
  }
  const usual = definition.better === 'less' ? 'max' : 'min'
  const limits = typeof limit === 'number' ? { [usual]: limit } : limit
  const budgets = (['min', 'max'] as const).flatMap((bound): readonly Budget[] => {
    const limit = limits[bound]
    return limit === undefined ? [] : [{ metric, bound, limit, level: 'error' }]
  })
  if (budgets.length === 0 || !budgets.every(({ limit }) => Number.isFinite(limit))) {
    throw new TypeError(`Cannot judge ${metric} without a limit: it takes a number, min or max`)
  }
  return budgets
}
