import type { Correctness } from '../ledger/correctness.ts'
import { UNSENT_SHARE_MAX } from '../measure/resources.ts'
import { percentAbove } from './quantity.ts'
import type { BudgetResult, Found, MeasuredScenario, RunResults } from './result.ts'

export interface Judged {
  readonly correctness: Correctness
  readonly budgets: readonly BudgetResult[]
  /** Share of the messages of an open loop that could not be sent. */
  readonly unsentShare?: number
  readonly found?: Pick<Found, 'rate' | 'holds'> | undefined
}

/**
 * The status of a scenario that was measured, and in sentences what stands against it beside
 * delivery and budgets. Delivery comes first: figures of a run that lost or doubled a message, or
 * cannot tell, are not a success at any speed. A load that was not there proves nothing about the
 * budgets that it kept.
 */
export function judgeStatus({
  correctness,
  budgets,
  unsentShare = 0,
  found,
}: Judged): Pick<MeasuredScenario, 'status' | 'doubts'> {
  const unfound = found?.rate === null ? [whyNothingFound(found.holds)] : []
  const unsent = unsentShare > UNSENT_SHARE_MAX ? [whyUnsent(unsentShare)] : []
  const doubts = [...unfound, ...unsent]
  const verdicts = new Set(budgets.map(budget => budget.verdict))
  const isBroken = correctness.verdict !== 'exactly-once' || unfound.length > 0
  if (isBroken || verdicts.has('fail') || verdicts.has('no-data')) return { status: 'fail', doubts }
  const isOpen = verdicts.has('inconclusive') || unsent.length > 0
  return { status: isOpen ? 'inconclusive' : 'pass', doubts }
}

function whyUnsent(share: number): string {
  return `The load was not what it should be: ${percentAbove(share, UNSENT_SHARE_MAX)} of the offered messages could not be sent within the run, more than ${UNSENT_SHARE_MAX * 100} %`
}

function whyNothingFound(holds: Found['holds']): string {
  const lowest = holds[0]
  const why = lowest === undefined ? 'none was held' : lowest.reasons.join('; ')
  return `No rate passed, not even ${lowest?.rate ?? 0} msg/s: ${why}`
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
