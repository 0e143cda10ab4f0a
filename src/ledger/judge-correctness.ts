import type { Correctness, CorrectnessVerdict } from './correctness.ts'
import type { LedgerCounts } from './ledger.ts'

/** What the consumers saw that should not be. */
export interface Anomalies {
  readonly duplicated: number
  readonly leaseOverlaps: number
  readonly redelivered: number
  readonly corrupted: number
  readonly unexpected: number
}

/**
 * Whether the run came to an end that allows a statement on what is missing: all is accounted for,
 * or every request was answered and the server says that it has nothing more.
 */
export type Drain =
  | { readonly kind: 'drained' }
  | { readonly kind: 'not-drained'; readonly reason: string }

/**
 * The verdict on one run. An anomaly that was seen is proof whatever else is unknown; without one,
 * only a drained run can be `exactly-once`.
 */
export function judgeCorrectness(
  counts: LedgerCounts,
  anomalies: Anomalies,
  drain: Drain,
): Correctness {
  const lost = drain.kind === 'drained' ? counts.missing : 0
  const duplicated = Math.max(anomalies.duplicated, counts.settledTwice)
  const { corrupted, unexpected, leaseOverlaps } = anomalies
  const violations = [
    lost > 0 && `${plural(lost, 'acknowledged message')} lost: ${whereLost(counts)}`,
    duplicated > 0 &&
      `${plural(duplicated, 'delivery', 'deliveries')} repeated without an expired lease or a failure`,
    counts.settledTwice > 0 &&
      `${plural(counts.settledTwice, 'SETTLE')} accepted of messages that were settled already`,
    corrupted > 0 &&
      `${plural(corrupted, 'delivery', 'deliveries')} with content that differs from what was produced`,
    unexpected > 0 &&
      `${plural(unexpected, 'delivery', 'deliveries')} of messages that were never produced`,
    counts.idConflicts > 0 &&
      `${plural(counts.idConflicts, 'message')} delivered under another id than acknowledged`,
    leaseOverlaps > 0 &&
      `${plural(leaseOverlaps, 'message')} leased to a second consumer while the first lease ran`,
  ].filter(reason => reason !== false)
  const unknowns = [
    drain.kind === 'not-drained' && drain.reason,
    counts.produced === 0 && 'No message was acknowledged',
  ].filter(reason => reason !== false)
  return {
    verdict: verdictOf(violations.length, unknowns.length),
    produced: counts.produced,
    settled: counts.settled,
    lost,
    duplicated,
    corrupted,
    unexpected,
    leaseOverlaps,
    idConflicts: counts.idConflicts,
    redelivered: anomalies.redelivered,
    reasons: [...violations, ...unknowns],
  }
}

/** The verdict on a run that never began. */
export function unknownCorrectness(reason: string): Correctness {
  return {
    verdict: 'unknown',
    produced: 0,
    settled: 0,
    lost: 0,
    duplicated: 0,
    corrupted: 0,
    unexpected: 0,
    leaseOverlaps: 0,
    idConflicts: 0,
    redelivered: 0,
    reasons: [reason],
  }
}

function verdictOf(violations: number, unknowns: number): CorrectnessVerdict {
  if (violations > 0) return 'violated'
  return unknowns > 0 ? 'unknown' : 'exactly-once'
}

function whereLost(counts: LedgerCounts): string {
  const delivered = counts.missing - counts.waiting
  const places = [
    counts.waiting > 0 && `${counts.waiting} never delivered`,
    delivered > 0 && `${delivered} delivered and never settled`,
  ]
  return places.filter(place => place !== false).join(', ')
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
