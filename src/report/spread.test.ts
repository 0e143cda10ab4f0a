import { describe, expect, test } from 'vitest'
import { failedScenario, measuredScenario } from '../testing/example-results.ts'
import { roundsScenario } from '../testing/example-scenarios.ts'
import { spreadText } from './spread.ts'

describe('spreadText()', () => {
  test('is half of the range over the median', () => {
    const scenario = measuredScenario({
      metrics: { consumerThroughput: 1_000 },
      spread: { consumerThroughput: { min: 950, max: 1_150 } },
    })
    expect(spreadText(scenario, 'consumerThroughput')).toBe('±10 %')
  })

  test('is 0 % where all rounds were alike, even at zero', () => {
    const metrics = { emptyAcquires: 0 }
    const spread = { emptyAcquires: { min: 0, max: 0 } }
    expect(spreadText(measuredScenario({ metrics, spread }), 'emptyAcquires')).toBe('±0 %')
  })

  test('is absent without rounds, figure, or a median to divide by', () => {
    const spread = { emptyAcquires: { min: 0, max: 2 } }
    const metrics = { emptyAcquires: 0 }
    expect(spreadText(measuredScenario(), 'consumerThroughput')).toBeUndefined()
    expect(spreadText(roundsScenario(), 'acceptedRate')).toBeUndefined()
    expect(spreadText(measuredScenario({ metrics, spread }), 'emptyAcquires')).toBeUndefined()
    expect(spreadText(failedScenario(), 'consumerThroughput')).toBeUndefined()
  })
})
