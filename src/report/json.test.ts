import { describe, expect, test } from 'vitest'
import type { RunResults } from '../judge/result.ts'
import { LATENCY_STATISTICS } from '../measure/metrics.ts'
import {
  budget,
  exampleResults,
  failedScenario,
  interruptedScenario,
  measuredScenario,
} from '../testing/example-results.ts'
import { openLoopScenario, roundsScenario, searchScenario } from '../testing/example-scenarios.ts'
import { resultsJson } from './json.ts'

const RESULTS = exampleResults([
  measuredScenario({ budgets: [budget({ value: null, verdict: 'no-data' })] }),
  failedScenario({ name: '</script> "quoted"' }),
  interruptedScenario(),
])

describe('resultsJson()', () => {
  test('loses nothing', () => {
    expect(JSON.parse(resultsJson(RESULTS))).toEqual(RESULTS)
  })

  test('is the same text however the objects were built', () => {
    expect(resultsJson(reversed(RESULTS) as RunResults)).toBe(resultsJson(RESULTS))
  })

  test('opens with the version and ends with a newline', () => {
    expect(resultsJson(RESULTS)).toMatch(/^\{\n {2}"schemaVersion": 1,\n {2}"generatedAt"/)
    expect(resultsJson(RESULTS)).toMatch(/[^\n]\n$/)
  })

  test('orders a key that it does not know after those that it knows', () => {
    const extended = { zeta: 1, alpha: 2, ...RESULTS }
    expect(Object.keys(JSON.parse(resultsJson(extended)))).toEqual([
      'schemaVersion',
      'generatedAt',
      'environment',
      'suites',
      'alpha',
      'zeta',
    ])
  })

  test('begins a scenario with its name and ends it with its timeline', () => {
    const { found } = searchScenario()
    const { rounds, spread } = roundsScenario()
    expect.assert(found !== undefined && rounds !== undefined && spread !== undefined)
    const full = measuredScenario({ group: 'Group', found, rounds, spread })
    const [scenario] = JSON.parse(resultsJson(exampleResults([full]))).suites[0].scenarios
    expect(scenario).toEqual(full)
    expect(Object.keys(scenario)).toEqual([
      ...['name', 'group', 'status', 'params', 'metrics', 'correctness', 'budgets', 'doubts'],
      ...['warnings', 'found', 'rounds', 'spread', 'littlesLaw', 'resources', 'warmup', 'timeline'],
    ])
  })

  test('orders the parts of a scenario as they are read', () => {
    const [open, search] = JSON.parse(
      resultsJson(exampleResults([openLoopScenario(), searchScenario()])),
    ).suites[0].scenarios
    expect(Object.keys(open.params)).toEqual([
      ...['mode', 'msgs', 'rate', 'arrival', 'producers', 'consumers', 'pipeline', 'threads'],
      ...['payloadBytes', 'leaseMs', 'processingMs', 'idleBackoffMs', 'idleBackoffMaxMs'],
      ...['warmupMsgs', 'rounds', 'seed'],
    ])
    expect(Object.keys(open.littlesLaw)).toEqual(['inSystem', 'rate', 'latencyMs', 'ratio'])
    expect(Object.keys(open.warmup)).toEqual(['msgs', 'durationMs', 'sliceThroughput', 'levelled'])
    expect(Object.keys(open.resources)).toEqual(['server', 'load'])
    expect(Object.keys(open.timeline.slices[0])).toEqual([
      ...['startMs', 'producerThroughput', 'consumerThroughput', 'queueDepth', 'inFlight'],
      'latencyMs',
    ])
    expect(Object.keys(search.found)).toEqual(['rate', 'failedAt', 'holds'])
    expect(Object.keys(search.found.holds[0])).toEqual(['rate', 'verdict', 'reasons', 'metrics'])
  })

  test('orders a spread like the metrics', () => {
    const { spread = {} } = roundsScenario()
    const [scenario] = JSON.parse(
      resultsJson(
        exampleResults([measuredScenario({ spread: reversed(spread) as typeof spread })]),
      ),
    ).suites[0].scenarios
    const keys = Object.keys(scenario.spread)
    expect(keys.slice(0, 3)).toEqual(['producerThroughput', 'consumerThroughput', 'efficiency'])
    expect(keys.filter(key => key.startsWith('latencyMs.'))).toEqual(
      LATENCY_STATISTICS.map(statistic => `latencyMs.${statistic}`),
    )
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'leaves %s out instead of writing null',
    value => {
      const { warmup } = measuredScenario()
      expect.assert(warmup !== undefined)
      const broken = measuredScenario({
        metrics: { producerThroughput: value, consumerThroughput: 1 },
        warmup: { ...warmup, sliceThroughput: [1, value, 2] },
      })
      const text = resultsJson(exampleResults([broken]))
      const [scenario] = JSON.parse(text).suites[0].scenarios
      expect(scenario.metrics).toEqual({ consumerThroughput: 1 })
      expect(scenario.warmup.sliceThroughput).toEqual([1, 2])
      expect(text).not.toContain('null')
    },
  )

  test('keeps a null that says something', () => {
    const nothing = searchScenario({ found: { rate: null, failedAt: 1_000, holds: [] } })
    const [scenario] = JSON.parse(resultsJson(exampleResults([nothing]))).suites[0].scenarios
    expect(scenario.found).toEqual({ rate: null, failedAt: 1_000, holds: [] })
  })

  test('is one line where no indentation is wanted', () => {
    const line = resultsJson(RESULTS, { indent: 0 })
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(JSON.parse(line)).toEqual(RESULTS)
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, reversed(inner)] as const)
  return Object.fromEntries(entries.reverse())
}
