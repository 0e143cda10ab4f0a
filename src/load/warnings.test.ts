import { describe, expect, test } from 'vitest'
import type { Mode } from '../config/scenario.ts'
import { Tally, type TallyCounts } from '../measure/tally.ts'
import { warningsOf } from './warnings.ts'

/** A phase that completed with these counts. */
function phaseOf(counts: Partial<TallyCounts>, mode: Mode = 'concurrent') {
  const tally = Object.assign(new Tally(), counts)
  return { mode, tally, end: { kind: 'completed' } } as const
}

describe('warningsOf()', () => {
  test('has nothing to say of phases in which nothing was odd', () => {
    expect(warningsOf([], 'closed')).toEqual([])
    expect(warningsOf([phaseOf({ produced: 100, settled: 100 })], 'closed')).toEqual([])
  })

  // 1,000 messages at least, and more than a tenth of all.
  test.each([
    { produced: 5000, maxQueueDepth: 1000, warns: false },
    { produced: 5000, maxQueueDepth: 1001, warns: true },
    { produced: 50_000, maxQueueDepth: 5000, warns: false },
    { produced: 50_000, maxQueueDepth: 5001, warns: true },
  ])('warns of a queue of $maxQueueDepth in $produced messages: $warns', ({ warns, ...counts }) => {
    expect(warningsOf([phaseOf(counts)], 'closed')).toHaveLength(warns ? 1 : 0)
  })

  test.each(['produce', 'drain'] as const)('takes a backlog in mode %s for meant', mode => {
    const counts = { produced: 5000, maxQueueDepth: 5000 }
    expect(warningsOf([phaseOf(counts, mode)], 'closed')).toEqual([])
  })

  test('takes a backlog of a search for meant, and keeps the rest', () => {
    const counts = { produced: 5000, maxQueueDepth: 5000, lateSettlesRefused: 1 }
    expect(warningsOf([phaseOf(counts)], 'find')).toEqual(['1 late SETTLE requests were refused'])
  })

  test('names the longest queue of all phases once, and what helps against it', () => {
    const phases = [3000, 4000, 2000].map(maxQueueDepth => phaseOf({ maxQueueDepth }))

    expect(warningsOf(phases, 'closed')).toEqual([
      'Latency is mostly queueing: producers outran consumers, up to 4000 messages waited at once; use rate to send no faster than they take',
    ])
    expect(warningsOf(phases, 'open')).toEqual([expect.stringMatching(/; lower the rate$/)])
  })

  test('sums what was delivered again and refused, and has the diagnosis of a stall', () => {
    const stalled = { ...phaseOf({}), end: { kind: 'stalled', diagnosis: 'No progress' } } as const
    const again = phaseOf({ redelivered: 2, lateSettlesRefused: 1 })

    expect(warningsOf([again, again, stalled], 'closed')).toEqual([
      'No progress',
      '4 messages were delivered again after their lease ran out: a consumer may have processed them twice; raise leaseMs',
      '2 late SETTLE requests were refused',
    ])
  })
})
