import { describe, expect, test } from 'vitest'
import type { MeasuredScenario } from '../judge/result.ts'
import { measuredScenario, metrics } from '../testing/example-results.ts'
import { drainScenario, produceScenario, searchScenario } from '../testing/example-scenarios.ts'
import { evidenceOf, resourceFacts } from './evidence.ts'

const WARM_UP = { msgs: 1_000, durationMs: 84 }

describe('evidenceOf()', () => {
  test('has idle wait, agreement of the figures and warm-up in sentences', () => {
    expect(evidenceOf(measuredScenario())).toEqual([
      '12 % of the latency was consumers asleep in their idle back-off',
      "Little's law: L = 27.6 messages in the system on average, λ·W = 11,234 msg/s × 2.46 ms = 27.6, ratio 1.000",
      'Warm-up: 1,000 messages in 84.0 ms; throughput had levelled: 12,100, 12,900, 12,500 msg/s in the last 3 slices',
    ])
  })

  test('begins with what a search found', () => {
    expect(evidenceOf(searchScenario())[0]).toBe(
      'Search: highest rate that passed 23,000 msg/s, failed at 24,000 msg/s (10 holds)',
    )
  })

  test.each([
    {
      sliceThroughput: [100, 9_000, 12_500],
      words: 'throughput had not levelled: 100, 9,000, 12,500 msg/s in the last 3 slices',
    },
    {
      sliceThroughput: [12_100, 12_900],
      words: 'too short to tell whether throughput had levelled',
    },
    { sliceThroughput: [], words: 'too short to tell whether throughput had levelled' },
  ])('says of a warm-up with slices $sliceThroughput: $words', ({ sliceThroughput, words }) => {
    const warmup = { ...WARM_UP, sliceThroughput, levelled: false }
    expect(evidenceOf(measuredScenario({ warmup })).at(-1)).toBe(
      `Warm-up: 1,000 messages in 84.0 ms; ${words}`,
    )
  })

  test('shows figures that contradict each other as they are', () => {
    const littlesLaw = { inSystem: 40, rate: 10_000, latencyMs: 2, ratio: 2 }
    expect(evidenceOf(measuredScenario({ littlesLaw }))).toContain(
      "Little's law: L = 40.0 messages in the system on average, λ·W = 10,000 msg/s × 2.00 ms = 20.0, ratio 2.000",
    )
  })

  test('tells no idle wait from little of it', () => {
    const first = (idleWaitShare: number) =>
      evidenceOf(measuredScenario({ metrics: metrics({ idleWaitShare }) }))[0]
    expect(first(0)).toMatch(/^0 % of the latency/)
    expect(first(0.000_1)).toMatch(/^<0.1 % of the latency/)
  })

  test('says nothing of what was not measured', () => {
    for (const scenario of [produceScenario(), drainScenario()]) {
      expect(evidenceOf(scenario).map(sentence => sentence.split(':')[0])).toEqual(['Warm-up'])
    }
    const { warmup: _, ...bare }: MeasuredScenario = produceScenario()
    expect(evidenceOf(bare)).toEqual([])
  })
})

describe('resourceFacts()', () => {
  test('has both sides', () => {
    expect(resourceFacts(measuredScenario().resources)).toEqual([
      { name: 'Server CPU', value: '54 % of a core, 4,762 ms' },
      { name: 'Server memory', value: '84 MiB' },
      { name: 'Load CPU', value: '79 % of a core, 6,993 ms' },
      { name: 'Busiest load thread', value: '83 % busy' },
    ])
  })

  test('has dashes where the platform does not tell', () => {
    const facts = resourceFacts({ server: {}, load: { cpuShare: 1.2 } })
    expect(facts.map(fact => fact.value)).toEqual(['–', '–', '120 % of a core', '–'])
  })
})
