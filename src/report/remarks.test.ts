import { describe, expect, test } from 'vitest'
import {
  failedScenario,
  interruptedScenario,
  latency,
  measuredScenario,
  metrics,
} from '../testing/example-results.ts'
import { openLoop, openLoopScenario, searchScenario } from '../testing/example-scenarios.ts'
import { remarksOf } from './remarks.ts'

describe('remarksOf()', () => {
  test.each([
    { accepted: 9_900, lagP99: 1, remarks: [] },
    {
      accepted: 9_899,
      lagP99: 0.3,
      remarks: ['offered 10,000 msg/s, accepted 9,899 msg/s, lag p99 0.300 ms'],
    },
    {
      accepted: 10_000,
      lagP99: 1.01,
      remarks: ['offered 10,000 msg/s, accepted 10,000 msg/s, lag p99 1.01 ms'],
    },
  ])(
    'of 10,000 msg/s with $accepted accepted and lag p99 $lagP99 ms are $remarks',
    ({ accepted, lagP99, remarks }) => {
      const lagMs = { ...latency(0.2), p99: lagP99 }
      const measured = metrics({ ...openLoop(10_000), acceptedRate: accepted, lagMs })
      expect(remarksOf(openLoopScenario({ metrics: measured }))).toEqual(remarks)
    },
  )

  test('of an open loop that sent nothing are its rates alone', () => {
    const scenario = openLoopScenario({ metrics: { offeredRate: 100 } })
    expect(remarksOf(scenario)).toEqual(['offered 100 msg/s, accepted 0 msg/s'])
  })

  test('of a search are what it found', () => {
    expect(remarksOf(searchScenario())).toEqual([
      'highest rate that passed 23,000 msg/s, failed at 24,000 msg/s (10 holds)',
    ])
  })

  test('are none where columns say all', () => {
    const scenarios = [measuredScenario(), failedScenario(), interruptedScenario()]
    expect(scenarios.flatMap(remarksOf)).toEqual([])
  })
})
