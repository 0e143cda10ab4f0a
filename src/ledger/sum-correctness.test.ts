import { describe, expect, test } from 'vitest'
import type { Correctness, CorrectnessVerdict } from './correctness.ts'
import { sumCorrectness } from './sum-correctness.ts'

function partOf(verdict: CorrectnessVerdict, reasons: readonly string[] = []): Correctness {
  return {
    verdict,
    produced: 1,
    settled: 2,
    lost: 3,
    duplicated: 4,
    corrupted: 5,
    unexpected: 6,
    leaseOverlaps: 7,
    idConflicts: 8,
    redelivered: 9,
    reasons,
  }
}

describe('sumCorrectness()', () => {
  test.each<{ verdicts: CorrectnessVerdict[]; sum: CorrectnessVerdict }>([
    { verdicts: ['exactly-once'], sum: 'exactly-once' },
    { verdicts: ['exactly-once', 'exactly-once', 'exactly-once'], sum: 'exactly-once' },
    { verdicts: ['exactly-once', 'unknown'], sum: 'unknown' },
    { verdicts: ['violated', 'exactly-once'], sum: 'violated' },
    { verdicts: ['unknown', 'violated', 'unknown'], sum: 'violated' },
    // Nothing ran: nothing is known.
    { verdicts: [], sum: 'unknown' },
  ])('$verdicts are together $sum', ({ verdicts, sum }) => {
    expect(sumCorrectness(verdicts.map(verdict => partOf(verdict))).verdict).toBe(sum)
  })

  test('adds every count, and keeps every reason in order', () => {
    const parts = [partOf('violated', ['one', 'two']), partOf('unknown', ['three'])]

    expect(sumCorrectness(parts)).toEqual({
      verdict: 'violated',
      produced: 2,
      settled: 4,
      lost: 6,
      duplicated: 8,
      corrupted: 10,
      unexpected: 12,
      leaseOverlaps: 14,
      idConflicts: 16,
      redelivered: 18,
      reasons: ['one', 'two', 'three'],
    })
  })
})
