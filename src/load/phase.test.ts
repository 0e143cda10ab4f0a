import { describe, expect, test } from 'vitest'
import { BenchError } from '../errors.ts'
import { judgeCorrectness } from '../ledger/judge-correctness.ts'
import { Ledger } from '../ledger/ledger.ts'
import { computeMetrics } from '../measure/compute-metrics.ts'
import type { LatencySummary } from '../measure/metrics.ts'
import { Tally } from '../measure/tally.ts'
import { HandDriver } from '../testing/hand-driver.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { SIMULATED_PLAN } from '../testing/simulated-crew.ts'
import { Board } from './board.ts'
import { Phase, type ThreadReport } from './phase.ts'

const PLAN = { ...SIMULATED_PLAN, msgs: 3, producers: 1, consumers: 2 }

/** A phase of one producer and two consumers at 100 ms, connections open, not started. */
function openPhase() {
  const clock = new ManualClock()
  clock.advance(100)
  const driver = new HandDriver()
  const ledger = new Ledger(PLAN.msgs)
  const heard: string[] = []
  const reports: ThreadReport[] = []
  const part = { thread: 0, threads: 1, ledger: ledger.shared, board: new Board().shared }
  const phase = new Phase({ plan: PLAN, ...part }, driver, clock, {
    ready: () => heard.push('ready'),
    produced: () => heard.push('produced'),
    ended: report => {
      heard.push('ended')
      reports.push(report)
    },
  })
  for (const channel of [...driver.producers, ...driver.consumers]) channel.events.opened()
  const [producer] = driver.producers
  const [first, second] = driver.consumers
  expect.assert(producer !== undefined && first !== undefined && second !== undefined)
  /** Moves on to `ms` of the clock. */
  const at = (ms: number) => clock.advance(ms - clock.nowNs() / 1e6)
  return { phase, producer, first, second, clock, at, ledger, heard, reports }
}

function expectSummary(summary: LatencySummary | undefined, valuesMs: readonly number[]): void {
  const sorted = valuesMs.toSorted((a, b) => a - b)
  const [least = 0, middle = 0, most = 0] = sorted
  expect(summary?.max).toBe(most)
  expect(summary?.mean).toBeCloseTo((least + middle + most) / 3, 9)
  expect(summary?.p50).toBeGreaterThanOrEqual(middle)
  expect(summary?.p50).toBeLessThanOrEqual(middle * (1 + 1 / 1024))
  expect(summary?.p90).toBe(most)
}

describe('Phase', () => {
  test('measures three messages at chosen times exactly as computed by hand', () => {
    const { phase, producer, first, second, clock, at, ledger, heard, reports } = openPhase()
    phase.start(clock.nowNs())
    at(101)
    first.answer('empty')
    at(103)
    producer.acknowledge(1)
    at(104)
    second.answer({ deliver: 'bench-0-0' })
    at(105)
    first.answer('empty')
    at(108)
    producer.acknowledge(1)
    at(110)
    first.answer({ deliver: 'bench-0-1' })
    at(111)
    second.answer('settled')
    at(112)
    producer.acknowledge(1)
    at(115)
    second.answer({ deliver: 'bench-0-2' })
    at(116)
    first.answer('settled')
    at(120)
    second.answer('settled')
    at(121)
    first.answer('empty')
    second.answer('empty')
    at(122)
    first.answer('empty')
    at(150)
    expect(heard).toEqual(['ready', 'produced'])
    first.answer('empty')
    second.answer('empty')

    expect(heard).toEqual(['ready', 'produced', 'ended'])
    expect([producer, first, second].map(channel => channel.isClosed)).toEqual([true, true, true])
    const tally = new Tally()
    for (const report of reports) tally.merge(report.tally)
    const metrics = computeMetrics(tally, PLAN, {})
    expectSummary(metrics.ingestMs, [3, 5, 4])
    expectSummary(metrics.waitMs, [4, 7, 7])
    expectSummary(metrics.settleMs, [7, 6, 5])
    expectSummary(metrics.holdMs, [7, 6, 5])
    expectSummary(metrics.latencyMs, [11, 13, 12])
    expect(metrics).toMatchObject({
      producerThroughput: 250,
      consumerThroughput: 150,
      efficiency: 75,
      maxQueueDepth: 2,
      maxInFlight: 2,
      emptyAcquires: 1,
      durationMs: 20,
    })
    expect(metrics.messagesPerCpuSecond).toBeUndefined()
    const correctness = judgeCorrectness(ledger.count(), tally, { kind: 'drained' })
    expect(correctness).toMatchObject({ verdict: 'exactly-once', produced: 3, settled: 3 })
  })

  test('reports which requests have no answer when it is stopped', () => {
    const { phase, clock, producer, first, second, at, reports } = openPhase()
    phase.start(clock.nowNs())
    at(101)
    first.answer('empty')
    second.answer({ deliver: 'bench-0-0' })
    phase.stop()
    at(600)
    expect(reports).toEqual([])
    at(601)

    expect(reports).toMatchObject([
      { openProduces: 1, openConsumes: 1, failure: undefined, foundNothingSinceNs: 0 },
    ])
    expect([producer.asked, first.asked]).toEqual([['produce 0'], []])
  })

  test('ends as soon as the last answer after a stop is there', () => {
    const { phase, clock, producer, first, second, at, reports } = openPhase()
    phase.start(clock.nowNs())
    phase.stop()
    at(101)
    first.answer('empty')
    producer.acknowledge(1)
    expect(reports).toEqual([])
    second.answer('empty')

    expect(reports).toMatchObject([
      { openProduces: 0, openConsumes: 0, foundNothingSinceNs: 100e6 },
    ])
  })

  test('stop() before the start ends it at once', () => {
    const { phase, heard } = openPhase()
    phase.stop()

    expect(heard).toEqual(['ready', 'produced', 'ended'])
  })

  test('start() after a connection broke sends nothing', () => {
    const { phase, clock, producer, first, heard, reports } = openPhase()
    first.events.closed(new BenchError('CONNECTION_CLOSED', 'Gone'))
    phase.start(clock.nowNs())

    expect(heard).toEqual(['ready', 'ended'])
    expect(reports).toMatchObject([{ failure: { code: 'CONNECTION_CLOSED', message: 'Gone' } }])
    expect(producer.openRequests).toBe(0)
  })

  test('a connection that breaks after a stop is not why it ended', () => {
    const { phase, clock, first, reports } = openPhase()
    phase.start(clock.nowNs())
    phase.stop()
    first.events.closed(new BenchError('REQUEST_TIMEOUT', 'No answer'))

    expect(reports).toMatchObject([{ openProduces: 1, openConsumes: 2, failure: undefined }])
  })

  test('ends once, whatever comes afterwards', () => {
    const { phase, clock, first, second, heard } = openPhase()
    phase.start(clock.nowNs())
    first.events.closed(new BenchError('CONNECTION_CLOSED', 'Gone'))
    second.events.closed(new BenchError('CONNECTION_CLOSED', 'Gone'))
    phase.stop()

    expect(heard).toEqual(['ready', 'ended'])
  })
})
