import type { Budget } from '../config/scenario.ts'
import type { Correctness } from '../ledger/correctness.ts'
import type { Metrics } from '../measure/metrics.ts'
import { UNSENT_SHARE_MAX } from '../measure/resources.ts'
import { judgeBudgets } from './budgets.ts'
import { percentAbove } from './quantity.ts'
import type { Hold } from './result.ts'

export interface HeldRate {
  readonly metrics: Metrics
  /** All of them must be kept, of whatever level. */
  readonly while: readonly Budget[]
  readonly correctness: Correctness
  /** Share of the offered messages that could not be sent. */
  readonly unsentShare: number
}

/** Says whether a rate was held: delivered exactly once, sent as offered, and within all limits. */
export function judgeHold(held: HeldRate): Pick<Hold, 'verdict' | 'reasons'> {
  const reasons = [
    ...deliveryReasons(held.correctness),
    ...unsentReasons(held.unsentShare),
    ...judgeBudgets(held.while, held.metrics)
      .filter(budget => budget.verdict !== 'pass')
      .map(budget => budget.reason),
  ]
  return { verdict: reasons.length === 0 ? 'pass' : 'fail', reasons }
}

function deliveryReasons({ verdict, reasons }: Correctness): readonly string[] {
  if (verdict === 'exactly-once') return []
  return reasons.length > 0 ? reasons : [`Delivery is ${verdict}, and no reason was given`]
}

function unsentReasons(unsentShare: number): readonly string[] {
  if (unsentShare <= UNSENT_SHARE_MAX) return []
  return [
    `${percentAbove(unsentShare, UNSENT_SHARE_MAX)} of the offered messages could not be sent in time, more than ${UNSENT_SHARE_MAX * 100} %`,
  ]
}
