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
/** Holds of one search; enough where `toRate` is not beyond 10,000 times `fromRate`. */
export const HOLDS_MAX = 20

/** A rate between two that differ by more than 5 % stays between them when it is rounded so. */
const SIGNIFICANT_DIGITS = 3

/**
 * What a search for the highest passing rate does after `holds`: doubles from `fromRate` until one
 * fails, then halves the distance between the highest that passed and the lowest that failed. All
 * that it knows is in `holds`, whose order does not matter.
 */
export function nextRate(
  holds: readonly Pick<Hold, 'rate' | 'verdict'>[],
  { fromRate, toRate }: RateRange,
): SearchStep {
  const rates = (verdict: Hold['verdict']) =>
    holds.filter(hold => hold.verdict === verdict).map(hold => hold.rate)
  const failing = Math.min(...rates('fail'))
  // What passed above a rate that failed was luck.
  const passing = Math.max(...rates('pass').filter(rate => rate < failing))
  const rate = Number.isFinite(passing) ? passing : null
  const failedAt = Number.isFinite(failing) ? failing : null
  if (rate === null) {
    return failedAt === null ? { kind: 'hold', rate: fromRate } : { kind: 'found', rate, failedAt }
  }
  const isOver = failedAt === null ? rate >= toRate : failedAt / rate <= FAILED_OVER_PASSED_MAX
  if (isOver || holds.length >= HOLDS_MAX) return { kind: 'found', rate, failedAt }
  const next = failedAt === null ? Math.min(rate * 2, toRate) : middleOf(rate, failedAt)
  return { kind: 'hold', rate: next }
}

function middleOf(passing: number, failing: number): number {
  return Number(((passing + failing) / 2).toPrecision(SIGNIFICANT_DIGITS))
}
