import { describe, expect, test } from 'vitest'
import type { Budget } from '../../config/scenario.ts'
import { BenchError } from '../../errors.ts'
import type { MeasuredScenario } from '../../judge/result.ts'
import type { MeasuredPart, ScenarioRun } from '../../load/run-scenario.ts'
import { computeMetrics } from '../../measure/compute-metrics.ts'
import { Tally } from '../../measure/tally.ts'
import { completedRun, madeCorrectness, madePart, madeTally } from '../../testing/made-part.ts'
import { scenarioOf } from '../../testing/run-against.ts'
import { judgeRun, rateAfter } from './judge-run.ts'

function atMost(limit: number, metric = 'latencyMs.max'): Budget {
  return { metric, bound: 'max', limit, level: 'error' }
}

function judged(
  parts: readonly [MeasuredPart, ...MeasuredPart[]],
  settings: Parameters<typeof scenarioOf>[0] = {},
): MeasuredScenario {
  const result = judgeRun(scenarioOf(settings), completedRun(parts))
  expect.assert('metrics' in result)
  return result
}

describe('judgeRun() of one round', () => {
  test('has its metrics, its timeline and what was in force, and nothing of rounds', () => {
    const part = madePart()
    const result = judged([part], { msgs: 100 })

    expect(result).toMatchObject({
      name: 'small',
      status: 'pass',
      params: { msgs: 100, producers: 2, consumers: 3 },
      doubts: [],
      warnings: [],
      budgets: [],
    })
    expect(result.metrics).toEqual(computeMetrics(part.tally, { producers: 2, consumers: 3 }, {}))
    expect(result.metrics.latencyMs?.max).toBe(10)
    expect(result.timeline).toEqual(part.tally.toTimeline())
    for (const key of ['rounds', 'spread', 'found', 'warmup']) {
      expect(result).not.toHaveProperty(key)
    }
  })

  test('keeps the warnings of the run', () => {
    const run = { ...completedRun([madePart()]), warnings: ['One thing'] }

    expect(judgeRun(scenarioOf(), run).warnings).toEqual(['One thing'])
  })

  test('fails where delivery is violated or a budget is not kept', () => {
    const run = completedRun([madePart()], { verdict: 'violated', lost: 1 })

    expect(judgeRun(scenarioOf(), run)).toMatchObject({ status: 'fail', correctness: { lost: 1 } })
    expect(judged([madePart()], { budgets: [atMost(9)] }).status).toBe('fail')
    expect(judged([madePart()], { budgets: [atMost(10)] }).status).toBe('pass')
  })

  test('has figures that agree by the law of Little, and says so when they do not', () => {
    const sound = judged([madePart()])
    expect(sound.littlesLaw?.ratio).toBeCloseTo(1, 6)
    expect(sound.littlesLaw?.latencyMs).toBe(10)

    const part = madePart()
    part.tally.settledSumNs += 0.02 * part.tally.latency.sumNs
    const odd = judged([part])
    expect(odd.littlesLaw?.ratio).toBeCloseTo(1.02, 6)
    expect(odd.warnings).toEqual([expect.stringContaining('The figures contradict each other')])
    expect(odd.status).toBe('pass')
  })
})

describe('judgeRun() of several rounds', () => {
  const ROUNDS = [
    madePart({ latencyMs: 10 }),
    madePart({ latencyMs: 20 }),
    madePart({ latencyMs: 30 }),
  ] as const

  test('has the median of each metric, each round, and the spread', () => {
    const { metrics, rounds, spread, timeline } = judged(ROUNDS)

    expect(metrics.latencyMs).toMatchObject({ max: 20, mean: 20 })
    expect(metrics.ingestMs?.max).toBe(2)
    expect(rounds?.map(round => round.metrics.latencyMs?.max)).toEqual([10, 20, 30])
    expect(rounds?.map(round => round.correctness.produced)).toEqual([100, 100, 100])
    expect(spread?.['latencyMs.max']).toEqual({ min: 10, max: 30 })
    expect(timeline).toEqual(ROUNDS[2].tally.toTimeline())
  })

  test('holds budgets against the medians', () => {
    expect(judged(ROUNDS, { budgets: [atMost(20)] }).status).toBe('pass')
    const over = judged(ROUNDS, { budgets: [atMost(19.9)] })
    expect(over.status).toBe('fail')
    expect(over.budgets).toMatchObject([{ value: 20, verdict: 'fail' }])
  })

  test('is inconclusive when one of them could not send its load, and says how much', () => {
    const parts = [madePart({ rate: 1000, msgs: 98, unsent: 2 }), madePart({ rate: 1000 })] as const
    const result = judged(parts, { budgets: [atMost(10)] })

    expect(result).toMatchObject({ status: 'inconclusive', budgets: [{ verdict: 'pass' }] })
    expect(result.doubts).toEqual([expect.stringContaining('2 % of the offered messages')])
    const within = judged([madePart({ rate: 1000, msgs: 99, unsent: 1 })])
    expect(within).toMatchObject({ status: 'pass', doubts: [] })
  })
})

describe('judgeRun() by mode', () => {
  const CONSUMING = ['consumerThroughput', 'efficiency', 'settleMs', 'holdMs', 'maxInFlight']
  const CONSUMED = [...CONSUMING, 'maxQueueDepth', 'emptyAcquires', 'durationMs']

  test.each([
    { mode: 'produce', names: ['producerThroughput', 'ingestMs', 'maxQueueDepth', 'durationMs'] },
    { mode: 'drain', names: CONSUMED },
  ] as const)('$mode has the metrics of what it times, and no law', ({ mode, names }) => {
    const result = judged([madePart()], { mode })

    expect(Object.keys(result.metrics).toSorted()).toEqual([...names].toSorted())
    expect(result).not.toHaveProperty('littlesLaw')
    for (const slice of result.timeline.slices) expect(slice).not.toHaveProperty('latencyMs')
  })

  test('concurrent has both and the latency between, and an open loop its load', () => {
    const both = [...CONSUMED, 'producerThroughput', 'ingestMs', 'latencyMs', 'waitMs']
    const closed = [...both, 'idleWaitShare']
    const open = [...closed, 'offeredRate', 'acceptedRate', 'lagMs']

    expect(Object.keys(judged([madePart()]).metrics).toSorted()).toEqual(closed.toSorted())
    const { metrics } = judged([madePart({ rate: 1000 })])
    expect(Object.keys(metrics).toSorted()).toEqual(open.toSorted())
    expect(metrics.offeredRate).toBe(1000)
  })
})

describe('judgeRun() says what was used', () => {
  const usage = (server: object, load: object, wallNs = 1e9) => ({ server, load, wallNs })

  test('in all rounds together, the most memory, and the busiest thread', () => {
    const { resources, metrics } = judged([
      madePart({ usage: usage({ cpuNs: 2e8, memoryBytesMax: 7 }, { cpuNs: 5e8 }) }),
      madePart({
        usage: usage({ cpuNs: 4e8, memoryBytesMax: 5 }, { cpuNs: 1e8, eventLoopUtilization: 0.5 }),
      }),
      madePart({ usage: usage({ cpuNs: 0 }, { cpuNs: 0, eventLoopUtilization: 0.3 }, 2e9) }),
    ])

    expect(resources).toEqual({
      server: { cpuShare: 0.15, cpuMs: 600, memoryBytesMax: 7 },
      load: { cpuShare: 0.15, cpuMs: 600, eventLoopUtilization: 0.5 },
    })
    // The last round used none of either, so there is no median.
    expect(metrics).not.toHaveProperty('messagesPerCpuSecond')
  })

  test('and nothing where a round could not tell', () => {
    const parts = [madePart({ usage: usage({ cpuNs: 1e8 }, { cpuNs: 1e8 }) }), madePart()] as const

    expect(judged(parts).resources).toEqual({ server: {}, load: {} })
  })

  test('per message and second of either side', () => {
    const { metrics } = judged([madePart({ usage: usage({ cpuNs: 1e8 }, { cpuNs: 5e7 }) })])

    expect(metrics.messagesPerCpuSecond).toEqual({ server: 1000, load: 2000 })
  })

  const idleServer = usage({ cpuNs: 2e8 }, { cpuNs: 9e8, eventLoopUtilization: 0.95 })
  test.each([
    { name: 'a closed loop', part: { usage: idleServer }, warns: 'raise threads, or pipeline' },
    {
      name: 'an open loop that slept',
      part: { usage: idleServer, rate: 1000 },
      warns: 'lower the rate',
    },
    {
      name: 'an open loop that span and could not send',
      part: { usage: idleServer, rate: 1000, spun: true, msgs: 90, unsent: 10 },
      warns: 'of the offered messages could not be sent, and 1 % of the others left 0.1 ms late',
    },
  ])('with a warning where the load was the limit of $name', ({ part, warns }) => {
    expect(judged([madePart(part)]).warnings).toEqual([
      expect.stringMatching(new RegExp(`^load-bound: .*${warns}`)),
    ])
  })

  test.each([
    { name: 'that span', part: { usage: idleServer, rate: 1000, spun: true } },
    {
      name: 'whose server was busy',
      part: { usage: usage({ cpuNs: 8e8 }, { eventLoopUtilization: 1 }) },
    },
    { name: 'whose server is unknown', part: { usage: usage({}, { eventLoopUtilization: 1 }) } },
  ])('and without one of a loop $name', ({ part }) => {
    expect(judged([madePart(part)]).warnings).toEqual([])
  })
})

describe('judgeRun() of a warm-up', () => {
  test('shows the throughput of its last slices, and whether it had levelled', () => {
    const warmUp = madeTally({ msgs: 80 })
    const run = { ...completedRun([madePart()]), warmUp }
    const result = judgeRun(scenarioOf({ warmupMsgs: 80 }), run)

    // One message a millisecond from 10 ms on until 89 ms, of which the last slice is not whole.
    expect.assert('metrics' in result)
    expect(result.warmup).toEqual({
      msgs: 80,
      durationMs: 89,
      sliceThroughput: [1000, 1000, 1000, 1000, 1000],
      levelled: true,
    })
  })
})

describe('judgeRun() of a run without figures', () => {
  const common = { correctness: madeCorrectness({ verdict: 'unknown' }), warnings: ['One thing'] }

  test.each<{ run: ScenarioRun; result: object }>([
    {
      run: { ...common, kind: 'stalled', diagnosis: 'No progress' },
      result: { status: 'error', error: { code: 'RUN_STALLED', message: 'No progress' } },
    },
    {
      run: { ...common, kind: 'failed', error: new BenchError('RUN_TIMEOUT', 'Too long') },
      result: { status: 'error', error: { code: 'RUN_TIMEOUT', message: 'Too long' } },
    },
    { run: { ...common, kind: 'interrupted' }, result: { status: 'interrupted' } },
  ])('that was $run.kind keeps the verdict and the warnings', ({ run, result }) => {
    const judged = judgeRun(scenarioOf(), run)

    expect(judged).toMatchObject({ ...common, ...result })
    expect(judged).not.toHaveProperty('metrics')
  })
})

test('judgeRun() has no metric of a run that counted nothing', () => {
  const part = { ...madePart(), tally: new Tally() }

  expect(judged([part]).metrics).toEqual({ maxQueueDepth: 0, maxInFlight: 0 })
})

test('rateAfter() has no rate for what is no search', () => {
  expect(rateAfter(scenarioOf(), [])).toBeUndefined()
})
