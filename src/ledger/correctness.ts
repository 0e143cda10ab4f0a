/**
 * What the ledger can say of one run.
 *
 * `exactly-once` claims settlement: each acknowledged message was settled once and none came twice
 * without a reason. `unknown` means that the run cannot tell, and fails like `violated`.
 */
export type CorrectnessVerdict = 'exactly-once' | 'violated' | 'unknown'

/** Counts are messages per consumer group. */
export interface Correctness {
  readonly verdict: CorrectnessVerdict
  /** Messages whose PRODUCE was acknowledged. */
  readonly produced: number
  /** Messages with at least one accepted SETTLE. */
  readonly settled: number
  /** Acknowledged, never settled, and the server has nothing more to give. */
  readonly lost: number
  /** Deliveries beyond the first that neither an expired lease nor a failed SETTLE explains. */
  readonly duplicated: number
  /** Deliveries whose content differs from what was produced. */
  readonly corrupted: number
  /** Deliveries of something that this run never produced. */
  readonly unexpected: number
  /** Deliveries to a second consumer while the first one certainly held the lease. */
  readonly leaseOverlaps: number
  /** Messages delivered under another id than they were acknowledged under. */
  readonly idConflicts: number
  /** Deliveries that an expired lease explains; legal, and a reason for doubt. */
  readonly redelivered: number
  /** Why the verdict is not `exactly-once`; empty when it is. Full sentences for people. */
  readonly reasons: readonly string[]
}
