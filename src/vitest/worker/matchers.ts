import { expect } from 'vitest'
import type { Budget } from '../../config/scenario.ts'
import { judgeBudgets } from '../../judge/budgets.ts'
import type { ScenarioResult } from '../../judge/result.ts'
import { METRICS } from '../../measure/metrics.ts'

/** A bare number is a maximum where less is better and a minimum where more is better. */
export type Limit = number | { readonly max: number } | { readonly min: number }

declare module 'vitest' {
  interface Matchers<R, T> {
    /** Fails unless every message was delivered and settled exactly once, and that is known. */
    toDeliverExactlyOnce(): R
    /** Fails when the metric breaks the limit, and when there is no data for it. */
    toMeetBudget(metric: string, limit: Limit): R
  }
}

expect.extend({
  toDeliverExactlyOnce(received: ScenarioResult) {
    const { verdict, reasons, ...counts } = received.correctness
    return {
      pass: verdict === 'exactly-once',
      message: () =>
        this.isNot
          ? 'Expected a violation, but every message was delivered exactly once'
          : `Expected delivery exactly once, but it is ${verdict}: ${reasons.join('; ')}`,
      actual: { verdict, ...counts },
      expected: { verdict: 'exactly-once', ...counts, ...NO_ANOMALY },
    }
  },

  toMeetBudget(received: ScenarioResult, metric: string, limit: Limit) {
    const metrics = 'metrics' in received ? received.metrics : {}
    const [judged] = judgeBudgets([budgetOf(metric, limit)], metrics)
    return {
      pass: judged?.verdict === 'pass',
      message: () => judged?.reason ?? `Cannot judge ${metric}`,
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

function budgetOf(metric: string, limit: Limit): Budget {
  const definition = METRICS.get(metric)
  if (definition === undefined) {
    throw new TypeError(
      `Cannot judge the metric ${JSON.stringify(metric)}: the known ones are ${[...METRICS.keys()].join(', ')}`,
    )
  }
  if (typeof limit === 'number') {
    const bound = definition.better === 'less' ? 'max' : 'min'
    return { metric, bound, limit, level: 'error' }
  }
  return 'max' in limit
    ? { metric, bound: 'max', limit: limit.max, level: 'error' }
    : { metric, bound: 'min', limit: limit.min, level: 'error' }
}
