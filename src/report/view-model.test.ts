import { describe, expect, test } from 'vitest'
import {
  budget,
  exampleResults,
  failedScenario,
  interruptedScenario,
  measuredScenario,
} from '../testing/example-results.ts'
import { drainScenario, produceScenario, roundsScenario } from '../testing/example-scenarios.ts'
import { viewOf } from './view-model.ts'

describe('viewOf()', () => {
  test('writes every figure of the table', () => {
    const scenario = viewOf(exampleResults([measuredScenario()])).suites[0]?.scenarios[0]
    expect(scenario).toMatchObject({ status: 'pass', delivery: 'exactly-once' })
    expect(scenario?.figures).toEqual({
      producerThroughput: '12,346',
      consumerThroughput: '11,234',
      efficiency: '11,234',
      'latencyMs.mean': '2.46',
      'latencyMs.p95': '4.10',
      'latencyMs.p99': '5.74',
      maxQueueDepth: '1,042',
      maxInFlight: '1',
    })
  })

  test('has the spread of several rounds, and none of one', () => {
    const [one, five] = viewOf(exampleResults([measuredScenario(), roundsScenario()])).suites[0]
      ?.scenarios ?? [undefined, undefined]
    expect(one).toMatchObject({ rounds: 0, spreads: {} })
    expect(five).toMatchObject({
      rounds: 5,
      headline: 'consumerThroughput',
      spreads: { consumerThroughput: '±4 %', maxQueueDepth: '±0 %' },
    })
  })

  test('takes what was timed for the headline', () => {
    const scenarios = [produceScenario(), drainScenario(), failedScenario()]
    const views = viewOf(exampleResults(scenarios)).suites[0]?.scenarios
    expect(views?.map(({ headline, figures }) => [headline, figures[headline]])).toEqual([
      ['producerThroughput', '12,346'],
      ['consumerThroughput', '11,234'],
      ['consumerThroughput', '–'],
    ])
  })

  test.each([failedScenario(), interruptedScenario(), measuredScenario({ metrics: {} })])(
    'shows dashes where $status has no figures',
    scenario => {
      const view = viewOf(exampleResults([scenario])).suites[0]?.scenarios[0]
      expect(new Set(Object.values(view?.figures ?? {}))).toEqual(new Set(['–']))
    },
  )

  test('counts every scenario in the verdict', () => {
    const view = viewOf(
      exampleResults([
        interruptedScenario(),
        measuredScenario(),
        failedScenario(),
        measuredScenario({ status: 'fail' }),
        measuredScenario({ status: 'inconclusive' }),
      ]),
    )
    expect(view.verdict).toBe('5 scenarios: 1 pass, 1 fail, 1 inconclusive, 1 error, 1 interrupted')
    expect(view.passed).toBe(false)
  })

  test('passes with warnings, and counts them', () => {
    const scenario = measuredScenario({ warnings: ['The machine is busy'] })
    const view = viewOf(exampleResults([scenario, measuredScenario()]))
    expect(view).toMatchObject({ passed: true, verdict: '2 scenarios: 2 pass; 1 warning' })
  })

  test('writes the time for people, and leaves what is no such time', () => {
    const results = exampleResults([])
    expect(viewOf(results).generatedAt).toBe('2026-11-23 21:00:00 UTC')
    expect(viewOf({ ...results, generatedAt: 'today' }).generatedAt).toBe('today')
  })

  test('does not pass without a scenario', () => {
    expect(viewOf(exampleResults([]))).toMatchObject({
      passed: false,
      verdict: 'no scenarios: nothing was measured',
    })
  })

  test('puts the worst notes first', () => {
    const warned = measuredScenario({ name: 'warned', warnings: ['The machine is busy'] })
    const broken = measuredScenario({
      name: 'broken',
      status: 'fail',
      budgets: [budget({ verdict: 'fail', reason: 'too slow' })],
    })
    const view = viewOf(exampleResults([warned, broken, failedScenario({ name: 'crashed' })]))
    expect(view.notes.map(note => [note.kind, note.subject])).toEqual([
      ['error', 'crashed'],
      ['fail', 'broken'],
      ['warn', 'warned'],
    ])
  })

  test('says in which suite a note belongs where there are several', () => {
    const one = exampleResults([failedScenario({ name: 'crashed' })])
    const view = viewOf({ ...one, suites: [...one.suites, ...one.suites] })
    expect(view.notes[0]?.subject).toBe('bench/default.bench.json: crashed')
  })

  test('shows limit and value of a budget, and a dash for no data', () => {
    const budgets = [
      budget({ limit: 50.5, value: 61.234, verdict: 'fail' }),
      budget({ metric: 'consumerThroughput', bound: 'min', limit: 5_000, value: null }),
    ]
    const view = viewOf(exampleResults([measuredScenario({ budgets })]))
    expect(view.suites[0]?.scenarios[0]?.budgets).toMatchObject([
      { limit: 'max 50.5 ms', value: '61.2 ms', verdict: 'fail' },
      { limit: 'min 5,000 msg/s', value: '–' },
    ])
  })

  test('makes what names and messages hide visible', () => {
    const hostile = 'a\u001b[31m\u202eb\n'
    const view = viewOf(
      exampleResults([
        failedScenario({ name: hostile, error: { code: 'INTERNAL', message: `${hostile}c` } }),
      ]),
    )
    expect(view.suites[0]?.scenarios[0]?.name).toBe('a\\u001b[31m\\u202eb\\n')
    expect(view.notes[0]).toMatchObject({
      subject: 'a\\u001b[31m\\u202eb\\n',
      text: 'a\\u001b[31m\\u202eb\nc (INTERNAL)',
    })
  })

  test.each([
    [{ kind: 'embedded' }, 'embedded server'],
    [{ kind: 'address', addr: 'localhost:9000' }, 'external server at localhost:9000'],
    [{ kind: 'command' }, 'server started by a command'],
  ] as const)('describes the server %j', (server, text) => {
    const results = exampleResults([])
    const suites = results.suites.map(suite => ({ ...suite, server }))
    expect(viewOf({ ...results, suites }).suites[0]?.server).toBe(text)
  })
})
