import type { Correctness } from '../ledger/correctness.ts'
import type { BudgetResult, MeasuredScenario, RunResults } from './result.ts'

/**
 * The status of a scenario that was measured. Delivery comes first: figures of a run that lost or
 * doubled a message, or cannot tell, are not a success at any speed.
 */
export function scenarioStatus(
  correctness: Correctness,
  budgets: readonly BudgetResult[],
): MeasuredScenario['status'] {
  if (correctness.verdict !== 'exactly-once') return 'fail'
  const verdicts = new Set(budgets.map(budget => budget.verdict))
  if (verdicts.has('fail') || verdicts.has('no-data')) return 'fail'
  if (verdicts.has('inconclusive')) return 'inconclusive'
  return 'pass'
}

/**
 * Whether the exit code may be 0: every scenario passed, and every suite has at least one, so that
 * a run which found nothing to measure is not green.
 */
export function runPassed(results: RunResults): boolean {
  return (
    results.suites.length > 0 &&
    results.suites.every(
      suite =>
        suite.scenarios.length > 0 && suite.scenarios.every(scenario => scenario.status === 'pass'),
    )
  )
}
