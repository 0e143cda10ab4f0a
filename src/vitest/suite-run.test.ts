import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { METRICS, metricValue } from '../measure/metrics.ts'
import { BenchRun } from '../testing/bench-run.ts'

const SMALL = { msgs: 300, producers: 2, consumers: 3, warmupMsgs: 50 }

test('a suite is measured, verified, printed and written', async () => {
  const scenarios = [
    { ...SMALL, name: 'first' },
    { ...SMALL, name: 'second', pipeline: 8, payloadBytes: 100 },
  ]
  await using run = new BenchRun({ scenarios }, { html: true })

  expect(await run.ended(), run.output).toBe(0)
  expect(run.output).toMatch(/first +pass .*exactly-once/)
  expect(run.output).toContain('2 scenarios: 2 pass')
  expect(readFileSync(run.htmlFile, 'utf8')).toContain('second')
  const results = run.results()
  expect(results).toMatchObject({ schemaVersion: 1, suites: [{ server: { kind: 'embedded' } }] })
  const [first] = results.suites[0]?.scenarios ?? []
  expect(first).toMatchObject({
    name: 'first',
    status: 'pass',
    params: { msgs: 300, producers: 2, consumers: 3 },
    correctness: { verdict: 'exactly-once', produced: 300, settled: 300, lost: 0, duplicated: 0 },
  })
  expect.assert(first !== undefined && 'metrics' in first, 'it has no figures')
  const withoutData = [...METRICS.keys()].filter(
    name => metricValue(first.metrics, name) === undefined,
  )
  // These are of open loops.
  const ofOpenLoops = /^(offeredRate|acceptedRate|maxSustainableRate|lagMs\..*)$/
  expect(withoutData.filter(name => !ofOpenLoops.test(name))).toEqual([])
})

describe('budgets', () => {
  const suite = `{
  "scenarios": [
    { "name": "b", "msgs": 300, "producers": 1, "consumers": 1, "warmupMsgs": 0,
      "budgets": {
        "latencyMs.p95": 0.0001,
        "maxInFlight": { "max": 0, "level": "warn" },
        "consumerThroughput": { "min": 1e9 },
        "producerThroughput": 1
      } }
  ]
}`

  test('each broken one is listed at its line, with limit and value', async () => {
    await using run = new BenchRun(suite)

    expect(await run.ended()).toBe(1)
    expect(run.output).toMatch(/latencyMs\.p95 is [\d.,]+ ms, over the maximum of 0\.0001 ms/)
    expect(run.output).toMatch(/budgets\.latencyMs\.p95 .*suite\.bench\.json:5:9/)
    expect(run.output).toMatch(/budgets\.consumerThroughput .*suite\.bench\.json:7:9/)
    const [scenario] = run.results().suites[0]?.scenarios ?? []
    expect.assert(scenario !== undefined && 'budgets' in scenario, 'there is no result')
    expect(scenario.status).toBe('fail')
    expect(
      Object.fromEntries(scenario.budgets.map(({ metric, verdict }) => [metric, verdict])),
    ).toEqual({
      'latencyMs.p95': 'fail',
      maxInFlight: 'warn',
      consumerThroughput: 'fail',
      producerThroughput: 'pass',
    })
  })

  test('one of level warn leaves the exit code 0', async () => {
    const warned = { maxInFlight: { max: 0, level: 'warn' } }
    await using run = new BenchRun({ scenarios: [{ ...SMALL, name: 'w', budgets: warned }] })

    expect(await run.ended(), run.output).toBe(0)
    expect(run.output).toMatch(
      /warn +w: maxInFlight is \d+ messages?, over the maximum of 0 messages/,
    )
  })
})

describe('the pair', () => {
  const broken = { ...SMALL, name: 'p', budgets: { 'latencyMs.p95': 0.0001 } }

  test('verify alone measures first', async () => {
    await using run = new BenchRun({ scenarios: [broken] }, { vitest: ['-t', 'verify'] })

    expect(await run.ended()).toBe(1)
    expect(run.output).toMatch(/latencyMs\.p95 is/)
  })

  test('measure alone is not green when a budget is broken', async () => {
    await using run = new BenchRun({ scenarios: [broken] }, { vitest: ['-t', 'measure'] })

    expect(await run.ended(), run.output).toBe(1)
    expect(run.output).toMatch(/p +fail/)
  })

  test('shuffled tests still measure before they verify', async () => {
    const vitest = ['--sequence.shuffle', '--sequence.seed=3']
    await using run = new BenchRun({ scenarios: [{ ...SMALL, name: 's' }] }, { vitest })

    expect(await run.ended(), run.output).toBe(0)
    expect(run.output).toContain('2 passed')
  })

  test('a filter by name leaves the other scenarios out of the results', async () => {
    const scenarios = [
      { ...SMALL, name: 'left in' },
      { ...SMALL, name: 'left out' },
    ]
    await using run = new BenchRun({ scenarios }, { vitest: ['-t', 'left in'] })

    expect(await run.ended(), run.output).toBe(0)
    expect(run.results().suites[0]?.scenarios.map(({ name }) => name)).toEqual(['left in'])
  })

  // A misspelt name in a gate must not let everything through.
  test('a filter that leaves nothing is not green', async () => {
    const scenarios = [{ ...SMALL, name: 's' }]
    await using run = new BenchRun({ scenarios }, { vitest: ['-t', 'no such name'] })

    expect(await run.ended(), run.output).toBe(1)
    expect(run.output).toContain('Cannot judge a run without a scenario: the filters left none')
  })
})

describe('suites in code', () => {
  const small = JSON.stringify(SMALL)
  const code = `
import { defineScenarios } from '../../src/index.ts'
defineScenarios({ scenarios: [{ ...${small}, name: 'twin' }] })
defineScenarios({ scenarios: [{ ...${small}, name: 'twin', budgets: { 'latencyMs.p95': 0.0001 } }] })
`

  // Only the results can make this red: no assertion runs.
  test('all that one file defines are judged', async () => {
    await using run = new BenchRun({ code }, { vitest: ['-t', 'measure'] })

    expect(await run.ended(), run.output).toBe(1)
    expect(
      run.results().suites.map(({ scenarios }) => scenarios.map(({ status }) => status)),
    ).toEqual([['pass'], ['fail']])
  })

  test('a filter that leaves nothing of them is not green', async () => {
    await using run = new BenchRun({ code }, { vitest: ['-t', 'no such name'] })

    expect(await run.ended(), run.output).toBe(1)
  })
})

test('each project that runs a suite has its own results', async () => {
  const config = `
import { defineConfig } from 'vitest/config'
import { mamamia } from '../../src/vitest/main/plugin.ts'
const projects = ['first', 'second'].map(name => ({ extends: true, test: { name } }))
export default defineConfig({ plugins: [mamamia()], test: { projects } })
`
  await using run = new BenchRun({ scenarios: [{ ...SMALL, name: 's' }] }, { config })

  expect(await run.ended(), run.output).toBe(0)
  expect(run.results().suites.map(({ scenarios }) => scenarios.length)).toEqual([1, 1])
  expect(run.output).toContain('2 scenarios: 2 pass')
})

test('the reporter works by its name, without the plugin', async () => {
  const config = `
import { defineConfig } from 'vitest/config'
const at = path => new URL('../../src/vitest/' + path, import.meta.url).pathname
const reporters = [[at('main/reporter.ts'), {}]]
export default defineConfig({ test: { reporters, benchmark: { provider: at('worker/provider.ts') } } })
`
  const output = { html: false, json: false }
  const suite = JSON.stringify({ output, scenarios: [{ ...SMALL, name: 's' }] })
  const code = `import { defineScenarios } from '../../src/index.ts'\ndefineScenarios(${suite})`
  await using run = new BenchRun({ code }, { config })

  expect(await run.ended(), run.output).toBe(0)
  expect(run.output).toContain('1 scenario: 1 pass')
})
