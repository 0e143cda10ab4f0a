import { describe, expect, test } from 'vitest'
import type { Budget, LoadModel, ServerTarget } from '../../config/scenario.ts'
import { scenarioOf } from '../../testing/run-against.ts'
import { SHAPED_SERVER_ENTRY } from '../../testing/shaping/shaped-process.ts'
import { measureScenario } from './measure-scenario.ts'

const { signal } = new AbortController()
const PATIENT = { stallTimeoutMs: 10_000, timeoutMs: 60_000, consumers: 4 }

/** A server of its own that accepts so many messages a second, evenly. */
function serverOf(rate: number): ServerTarget {
  const command = `'${process.execPath}' '${SHAPED_SERVER_ENTRY}' --port {port} --rate ${rate}`
  return { kind: 'command', command, readyTimeoutMs: 10_000, env: {} }
}

describe('measureScenario() of a search', () => {
  // At x times the limit, what is due after t seconds waits for (x − 1) · t of them: half of the
  // steady part of a hold of 1 s waits for 625 ms · (x − 1) at least, whatever else the machine does.
  const LIMIT = 500
  const HIGHEST = LIMIT * 1.1
  /** Where nothing queues, so that it passes also on a busy machine. */
  const HALF = LIMIT / 2
  const P50: Budget = { metric: 'latencyMs.p50', bound: 'max', limit: 62.5, level: 'error' }
  const load: LoadModel = {
    kind: 'find',
    arrival: 'constant',
    fromRate: HALF,
    toRate: LIMIT * 1.15,
    holdSeconds: 1,
    while: [P50],
  }

  test('finds no rate above what the server can take, and shows the figures of the one it found', async () => {
    const budgets: Budget[] = [
      { metric: 'maxSustainableRate', bound: 'min', limit: HALF, level: 'error' },
    ]
    const scenario = scenarioOf({ ...PATIENT, load, budgets, producerPipeline: 1024 })
    const { result, tally } = await measureScenario(scenario, { server: serverOf(LIMIT), signal })

    expect.assert('metrics' in result && result.found !== undefined)
    const { rate, failedAt, holds } = result.found
    expect.assert(rate !== null && failedAt !== null)
    expect(rate).toBeGreaterThanOrEqual(HALF)
    expect(rate).toBeLessThanOrEqual(HIGHEST)
    expect(failedAt).toBeGreaterThan(rate)
    for (const hold of holds.filter(hold => hold.rate > HIGHEST)) {
      expect(hold.verdict).toBe('fail')
      expect(hold.reasons.join()).toContain('latencyMs.p50 is')
    }

    expect(result).toMatchObject({
      status: 'pass',
      doubts: [],
      budgets: [{ metric: 'maxSustainableRate', value: rate, verdict: 'pass' }],
      metrics: { maxSustainableRate: rate },
    })
    const { latencyMs } = result.metrics
    expect(latencyMs?.p50).toBeLessThanOrEqual(P50.limit)
    expect((tally?.latency.maxNs ?? 0) / 1e6).toBe(latencyMs?.max)
    // Nobody was lied to at any rate.
    expect(result.correctness).toMatchObject({ verdict: 'exactly-once', reasons: [] })
    expect(result.correctness.settled).toBeGreaterThan(holds.length * HALF * 0.9)
  })
})

test('measureScenario() of a load that the server cannot take is inconclusive, and verified', async () => {
  const stages = [{ fromRate: 2000, toRate: 2000, seconds: 0.5 }]
  const load: LoadModel = { kind: 'open', arrival: 'constant', stages }
  const budget: Budget = { metric: 'settleMs.max', bound: 'max', limit: 60_000, level: 'error' }
  const scenario = scenarioOf({ ...PATIENT, load, msgs: 1000, producerPipeline: 4 })
  const { result } = await measureScenario(
    { ...scenario, budgets: [budget] },
    { server: serverOf(200), signal },
  )

  expect.assert('metrics' in result)
  expect(result).toMatchObject({
    status: 'inconclusive',
    budgets: [{ verdict: 'pass' }],
    doubts: [expect.stringMatching(/^The load was not what it should be: /)],
    correctness: { verdict: 'exactly-once' },
  })
  const { offeredRate, acceptedRate = 0 } = result.metrics
  expect(offeredRate).toBe(2000)
  expect(acceptedRate).toBeLessThan(1000)
  expect(result.correctness.settled).toBeLessThan(500)
})

test('measureScenario() counts the messages of all rounds together', async () => {
  const scenario = scenarioOf({ ...PATIENT, rounds: 2, warmupMsgs: 50 })
  const { result, tally } = await measureScenario(scenario, {
    server: { kind: 'embedded' },
    signal,
  })

  expect.assert('metrics' in result)
  expect(result).toMatchObject({ status: 'pass', correctness: { settled: 400 } })
  expect(result.rounds).toHaveLength(2)
  expect(tally?.latency.count).toBe(400)
  expect(result.warmup).toMatchObject({ msgs: 50 })
  expect(result.resources.load.eventLoopUtilization).toBeGreaterThan(0)
})
