import { describe, expect, test } from 'vitest'
import {
  budget,
  correctness,
  failedScenario,
  interruptedScenario,
  measuredScenario,
} from '../../testing/example-results.ts'
import {
  drainScenario,
  openLoopScenario,
  produceScenario,
  roundsScenario,
  searchScenario,
} from '../../testing/example-scenarios.ts'
import { describeMeasured } from './scenario-line.ts'

const UNSENT = 'The load was not what it should be: 4.5 % of the messages could not be sent'

describe('describeMeasured()', () => {
  test.each([
    [measuredScenario(), 'Single-Worker Baseline: 11,234 msg/s, p95 4.10 ms, exactly-once'],
    [roundsScenario(), 'Five Rounds: 25,805 msg/s ±4 %, p95 3.88 ms, exactly-once'],
    [produceScenario(), 'Ingest Only: 12,346 msg/s, exactly-once'],
    [drainScenario(), 'Drain Only: 11,234 msg/s, exactly-once'],
    [
      searchScenario(),
      'Highest Rate: highest rate that passed 23,000 msg/s, failed at 24,000 msg/s (10 holds), exactly-once',
    ],
    [failedScenario(), 'High-Concurrency Stress: Cannot go on: the server exited with code 1'],
    [interruptedScenario(), 'Consumer-Heavy: interrupted, 51990 messages settled'],
    [measuredScenario({ metrics: {} }), 'Single-Worker Baseline: – msg/s, p95 – ms, exactly-once'],
  ])('says in one line what came out', (result, line) => {
    expect(describeMeasured(result)).toBe(` · ${line}`)
  })

  test('gives the doubts that decide the status', () => {
    const doubtful = openLoopScenario({ status: 'inconclusive', doubts: [UNSENT] })
    expect(describeMeasured(doubtful)).toBe(
      ` · Steady Rate: 9,980 msg/s, p95 4.10 ms, exactly-once, inconclusive: ${UNSENT}`,
    )
    const nothing = searchScenario({
      status: 'fail',
      doubts: ['No rate passed,\nnot even 1,000 msg/s'],
      found: { rate: null, failedAt: 1_000, holds: [] },
    })
    expect(describeMeasured(nothing)).toContain(
      'exactly-once, fail: No rate passed,\\nnot even 1,000 msg/s',
    )
  })

  test.each([
    { correctness: correctness({ verdict: 'violated', lost: 1 }) },
    { budgets: [budget({ verdict: 'fail' })] },
  ])('leaves doubts to the table where something else decides', broken => {
    const scenario = openLoopScenario({ status: 'fail', doubts: [UNSENT], ...broken })
    expect(describeMeasured(scenario)).not.toContain(UNSENT)
  })
})
