import { SEARCH_HOLDS_MAX } from '../config/scenario.ts'
import type { Hold } from './result.ts'

export interface RateRange {
  readonly fromRate: number
  readonly toRate: number
}

export type SearchStep =
  /** Hold this rate next. */
  | { readonly kind: 'hold'; readonly rate: number }
  /** The search is over; `null` where no rate passed, or none failed. */
  | { readonly kind: 'found'; readonly rate: number | null; readonly failedAt: number | null }

/** A failing rate so close above a passing one ends the search. */
export const FAILED_OVER_PASSED_MAX = 1.05
/** A rate between two that differ by more than 5 % stays between them when it is rounded so. */
const SIGNIFICANT_DIGITS = 3

/**
 * What a search for the highest passing rate does after `holds`: doubles from `fromRate` until one
 * fails, then halves the distance between the highest that passed and the lowest that failed. All
 * that it knows is in `holds`, whose order does not matter.
 *
 * One hold that fails may be the machine's doing, and would mislead all that follow: a rate fails
 * when two of at most three holds of it do.
 */
export function nextRate(
  holds: readonly Pick<Hold, 'rate' | 'verdict'>[],
  { fromRate, toRate }: RateRange,
): SearchStep {
  const byRate = Map.groupBy(holds, hold => hold.rate)
  const rates = (verdict: RateVerdict) =>
    [...byRate].filter(([, held]) => verdictOf(held) === verdict).map(([rate]) => rate)
  const failing = Math.min(...rates('fail'))
  // What passed above a rate that failed was luck.
  const passing = Math.max(...rates('pass').filter(rate => rate < failing))
  const rate = Number.isFinite(passing) ? passing : null
  const failedAt = Number.isFinite(failing) ? failing : null
  const [doubtful] = rates('doubtful')
  if (holds.length >= SEARCH_HOLDS_MAX) return { kind: 'found', rate, failedAt }
  if (doubtful !== undefined) return { kind: 'hold', rate: doubtful }
  if (rate === null) {
    return failedAt === null ? { kind: 'hold', rate: fromRate } : { kind: 'found', rate, failedAt }
  }
  const isOver = failedAt === null ? rate >= toRate : failedAt / rate <= FAILED_OVER_PASSED_MAX
  if (isOver) return { kind: 'found', rate, failedAt }
  const next = failedAt === null ? Math.min(rate * 2, toRate) : middleOf(rate, failedAt)
  return { kind: 'hold', rate: next }
}

type RateVerdict = Hold['verdict'] | 'doubtful'

function verdictOf(holds: readonly Pick<Hold, 'verdict'>[]): RateVerdict {
  const failures = holds.filter(hold => hold.verdict === 'fail').length
  if (failures >= 2) return 'fail'
  return failures === 0 || holds.length - failures >= 2 ? 'pass' : 'doubtful'
}

function middleOf(passing: number, failing: number): number {
  return Number(((passing + failing) / 2).toPrecision(SIGNIFICANT_DIGITS))
}
