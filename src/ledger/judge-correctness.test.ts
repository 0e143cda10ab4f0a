import { describe, expect, test } from 'vitest'
import {
  type Anomalies,
  type Drain,
  judgeCorrectness,
  unknownCorrectness,
} from './judge-correctness.ts'
import type { LedgerCounts } from './ledger.ts'

const DRAINED: Drain = { kind: 'drained' }
const STOPPED: Drain = { kind: 'not-drained', reason: 'The run was interrupted' }
const COUNTS = {
  sent: 9,
  produced: 9,
  settled: 9,
  settledTwice: 0,
  idConflicts: 0,
  missing: 0,
  waiting: 0,
}
const NONE = { duplicated: 0, leaseOverlaps: 0, redelivered: 0, corrupted: 0, unexpected: 0 }

interface Case {
  readonly drain: Drain
  readonly counts?: Partial<LedgerCounts>
  readonly seen?: Partial<Anomalies>
  readonly verdict: string
  readonly reasons: readonly string[]
}

const missing = { settled: 7, missing: 2, waiting: 1 }
const lost = '2 acknowledged messages lost: 1 never delivered, 1 delivered and never settled'
const repeated = '1 delivery repeated without an expired lease or a failure'

describe('judgeCorrectness()', () => {
  test.each<Case>([
    { drain: DRAINED, verdict: 'exactly-once', reasons: [] },
    { drain: DRAINED, seen: { redelivered: 5 }, verdict: 'exactly-once', reasons: [] },
    { drain: STOPPED, verdict: 'unknown', reasons: ['The run was interrupted'] },
    { drain: DRAINED, counts: missing, verdict: 'violated', reasons: [lost] },
    { drain: STOPPED, counts: missing, verdict: 'unknown', reasons: ['The run was interrupted'] },
    { drain: DRAINED, seen: { duplicated: 1 }, verdict: 'violated', reasons: [repeated] },
    {
      drain: STOPPED,
      seen: { duplicated: 1 },
      verdict: 'violated',
      reasons: [repeated, 'The run was interrupted'],
    },
    // As many settles as messages: a count alone would be satisfied.
    {
      drain: DRAINED,
      counts: { settled: 8, missing: 1, waiting: 1 },
      seen: { duplicated: 1 },
      verdict: 'violated',
      reasons: ['1 acknowledged message lost: 1 never delivered', repeated],
    },
    {
      drain: DRAINED,
      seen: { corrupted: 2 },
      verdict: 'violated',
      reasons: ['2 deliveries with content that differs from what was produced'],
    },
    {
      drain: DRAINED,
      seen: { unexpected: 1 },
      verdict: 'violated',
      reasons: ['1 delivery of messages that were never produced'],
    },
    {
      drain: DRAINED,
      seen: { duplicated: 1, leaseOverlaps: 1 },
      verdict: 'violated',
      reasons: [repeated, '1 message leased to a second consumer while the first lease ran'],
    },
    {
      drain: DRAINED,
      counts: { settledTwice: 1 },
      verdict: 'violated',
      reasons: [repeated, '1 SETTLE accepted of messages that were settled already'],
    },
    {
      drain: DRAINED,
      counts: { sent: 0, produced: 0, settled: 0 },
      verdict: 'unknown',
      reasons: ['No message was acknowledged'],
    },
  ])(
    '$drain.kind with $counts and $seen is $verdict',
    ({ drain, counts, seen, verdict, reasons }) => {
      const correctness = judgeCorrectness({ ...COUNTS, ...counts }, { ...NONE, ...seen }, drain)

      expect(correctness).toMatchObject({ verdict, reasons })
    },
  )

  test('claims no loss where the run was not drained', () => {
    expect(judgeCorrectness({ ...COUNTS, ...missing }, NONE, STOPPED).lost).toBe(0)
    expect(judgeCorrectness({ ...COUNTS, ...missing }, NONE, DRAINED).lost).toBe(2)
  })

  test('keeps every count', () => {
    const seen = { duplicated: 2, leaseOverlaps: 1, redelivered: 3, corrupted: 4, unexpected: 5 }

    expect(judgeCorrectness(COUNTS, seen, DRAINED)).toMatchObject({ ...seen, produced: 9, lost: 0 })
  })
})

test('unknownCorrectness() is unknown for the given reason', () => {
  expect(unknownCorrectness('Not reached')).toMatchObject({
    verdict: 'unknown',
    reasons: ['Not reached'],
  })
})
