import type { Budget } from '../config/scenario.ts'
import { METRICS, type Metrics, metricValue } from '../measure/metrics.ts'
import { exactQuantity, quantity, type Unit } from './quantity.ts'
import type { BudgetResult } from './result.ts'

/**
 * Holds each budget against the metrics, in the order given. A value equal to the limit passes. A
 * metric without data is `no-data` at either level: what was not measured is not green.
 */
export function judgeBudgets(
  budgets: readonly Budget[],
  metrics: Metrics,
): readonly BudgetResult[] {
  return budgets.map(budget => judge(budget, metricValue(metrics, budget.metric)))
}

function judge(budget: Budget, value: number | undefined): BudgetResult {
  const { metric, bound, limit, level } = budget
  const unit = METRICS.get(metric)?.unit
  if (value === undefined || unit === undefined) {
    const against = `the ${bound}imum of ${unit === undefined ? limit : exactQuantity(limit, unit)}`
    const reason = `${metric} has no data to hold against ${against}`
    return { metric, bound, limit, value: null, level, verdict: 'no-data', reason }
  }
  const kept = isKept(budget, value)
  const verdict = kept ? 'pass' : level === 'warn' ? 'warn' : 'fail'
  return { metric, bound, limit, value, level, verdict, reason: reasonOf(budget, value, unit) }
}

function isKept({ bound, limit }: Budget, value: number): boolean {
  return bound === 'max' ? value <= limit : value >= limit
}

function reasonOf(budget: Budget, value: number, unit: Unit): string {
  const { metric, bound, limit } = budget
  const broken = bound === 'max' ? 'over' : 'under'
  const relation = isKept(budget, value) ? 'within' : broken
  return `${metric} is ${measured(value, limit, unit)}, ${relation} the ${bound}imum of ${exactQuantity(limit, unit)}`
}

/** Rounded, unless rounding would print the very limit that the value is not at. */
function measured(value: number, limit: number, unit: Unit): string {
  const rounded = quantity(value, unit)
  return value !== limit && rounded === quantity(limit, unit) ? exactQuantity(value, unit) : rounded
}
