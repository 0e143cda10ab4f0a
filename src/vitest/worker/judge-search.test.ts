import { describe, expect, test } from 'vitest'
import type { Budget, LoadModel, Scenario } from '../../config/scenario.ts'
import type { MeasuredScenario } from '../../judge/result.ts'
import type { MeasuredPart } from '../../load/run-scenario.ts'
import { completedRun, madePart } from '../../testing/made-part.ts'
import { scenarioOf } from '../../testing/run-against.ts'
import { judgeRun, rateAfter, shownParts } from './judge-run.ts'

const LIMIT: Budget = { metric: 'latencyMs.p95', bound: 'max', limit: 50, level: 'error' }
const LOAD: LoadModel = {
  kind: 'find',
  arrival: 'constant',
  fromRate: 1000,
  toRate: 1040,
  holdSeconds: 1,
  while: [LIMIT],
}
const AT_LEAST_1000: Budget = {
  metric: 'maxSustainableRate',
  bound: 'min',
  limit: 1000,
  level: 'error',
}

function searchOf(settings: Partial<Scenario> = {}): Scenario {
  return scenarioOf({ load: LOAD, ...settings })
}

type Holds = readonly [MeasuredPart, ...MeasuredPart[]]

function judged(holds: Holds, settings: Partial<Scenario> = {}): MeasuredScenario {
  const result = judgeRun(searchOf(settings), completedRun(holds))
  expect.assert('metrics' in result)
  return result
}

const kept = (rate: number, latencyMs = 10) => madePart({ rate, latencyMs })
const missed = (rate: number) => madePart({ rate, latencyMs: 60 })

describe('judgeRun() of a search', () => {
  const HOLDS: Holds = [kept(1000, 20), missed(1040), missed(1040)]

  test('has the rate that it found as a metric, which a budget can hold it to', () => {
    const result = judged(HOLDS, { budgets: [AT_LEAST_1000] })

    expect(result).toMatchObject({
      status: 'pass',
      doubts: [],
      metrics: { maxSustainableRate: 1000 },
      budgets: [{ value: 1000, verdict: 'pass' }],
    })
    const over = { ...AT_LEAST_1000, limit: 1001 }
    expect(judged(HOLDS, { budgets: [over] }).status).toBe('fail')
  })

  test('lists what it held, with the verdict on each and why', () => {
    const { found } = judged(HOLDS)

    expect(found).toMatchObject({ rate: 1000, failedAt: 1040 })
    expect(found?.holds.map(({ rate, verdict }) => [rate, verdict])).toEqual([
      [1000, 'pass'],
      [1040, 'fail'],
      [1040, 'fail'],
    ])
    expect(found?.holds[0]?.reasons).toEqual([])
    expect(found?.holds[1]?.reasons).toEqual([
      'latencyMs.p95 is 60.0 ms, over the maximum of 50 ms',
    ])
    expect(found?.holds.map(({ metrics }) => metrics.latencyMs?.max)).toEqual([20, 60, 60])
  })

  test('shows the figures of what it found and of nothing else', () => {
    const usage = (cpuNs: number) => ({ server: { cpuNs }, load: {}, wallNs: 1e9 })
    const [first] = HOLDS
    const holds: Holds = [
      { ...first, usage: usage(1e8) },
      { ...missed(1040), usage: usage(9e8) },
    ]
    const result = judged([...holds, missed(1040)])

    expect(result.metrics).toMatchObject({ latencyMs: { max: 20 }, offeredRate: 1000 })
    expect(result.resources.server).toEqual({ cpuShare: 0.1, cpuMs: 100 })
    expect(result.timeline).toEqual(first.tally.toTimeline())
    expect(result.littlesLaw?.latencyMs).toBe(20)
    expect(result).not.toHaveProperty('rounds')
    expect(result).not.toHaveProperty('spread')
    expect(shownParts(searchOf(), HOLDS)).toEqual([first])
  })

  test('shows the last of several holds of that rate', () => {
    const holds: Holds = [missed(1000), kept(1000, 12), kept(1000, 14), ...HOLDS.slice(1)]
    const result = judged(holds)

    expect(result.found?.rate).toBe(1000)
    expect(result.metrics.latencyMs?.max).toBe(14)
  })

  test('takes no rate for passed that could not be sent, and does not doubt the others for it', () => {
    const unsent = madePart({ rate: 1040, msgs: 90, unsent: 10 })
    const result = judged([kept(1000), unsent, unsent])

    expect(result).toMatchObject({ status: 'pass', doubts: [], found: { rate: 1000 } })
    expect(result.found?.holds[1]?.reasons).toEqual([
      '10 % of the offered messages could not be sent in time, more than 1 %',
    ])
  })

  test('has no rate that failed when the highest passed', () => {
    expect(judged([kept(1000), kept(1040)]).found).toMatchObject({ rate: 1040, failedAt: null })
  })

  test('fails where it found nothing, and says why', () => {
    const result = judged([missed(1000), missed(1000)], { budgets: [AT_LEAST_1000] })

    expect(result).toMatchObject({
      status: 'fail',
      found: { rate: null, failedAt: 1000 },
      budgets: [{ value: null, verdict: 'no-data' }],
    })
    expect(result.metrics).not.toHaveProperty('maxSustainableRate')
    expect(result.doubts).toEqual([
      'No rate passed, not even 1000 msg/s: latencyMs.p95 is 60.0 ms, over the maximum of 50 ms',
    ])
    expect(judged([missed(1000), missed(1000)]).status).toBe('fail')
  })

  test('found nothing to rely on when broken delivery ended it', () => {
    const correctness = { verdict: 'violated', lost: 1, reasons: ['1 message lost'] } as const
    const run = completedRun(
      [kept(1000), { ...madePart({ rate: 1040, correctness }) }],
      correctness,
    )
    const result = judgeRun(searchOf({ budgets: [AT_LEAST_1000] }), run)

    expect.assert('metrics' in result)
    expect(result).toMatchObject({
      status: 'fail',
      doubts: [],
      found: { rate: null, failedAt: null },
      budgets: [{ verdict: 'no-data' }],
    })
    expect(result.metrics).not.toHaveProperty('maxSustainableRate')
    expect(result.found?.holds[1]).toMatchObject({ verdict: 'fail', reasons: ['1 message lost'] })
  })
})

test.each<{ name: string; holds: readonly MeasuredPart[]; next: number | undefined }>([
  { name: 'the lowest rate first', holds: [], next: 1000 },
  { name: 'a higher one after one that was kept', holds: [kept(1000)], next: 1040 },
  { name: 'one that failed once again', holds: [kept(1000), missed(1040)], next: 1040 },
  { name: 'the end', holds: [kept(1000), missed(1040), missed(1040)], next: undefined },
  { name: 'the end at the highest', holds: [kept(1000), kept(1040)], next: undefined },
])('rateAfter() has $name', ({ holds, next }) => {
  expect(rateAfter(searchOf(), holds)).toBe(next)
})
