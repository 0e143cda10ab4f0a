import { describe, expect, test } from 'vitest'
import type { LoadModel, Scenario } from '../config/scenario.ts'
import type { Histogram } from '../measure/histogram.ts'
import { outcomeOf, runOn } from '../testing/run-against.ts'
import { startShapedServer } from '../testing/shaping/shaped-process.ts'

/** What a server process that is shaped like this makes of a run, delivered exactly once. */
async function measure(options: readonly string[], settings: Partial<Scenario>) {
  await using server = await startShapedServer(...options)
  const patient = { stallTimeoutMs: 10_000, producerPipeline: 1024, consumers: 4 }
  const run = await runOn(server, { ...patient, ...settings })
  expect(outcomeOf(run)).toBe('completed exactly-once')
  expect.assert(run.kind === 'completed')
  return { ...run.parts[0], paused: server.pause() }
}

/** At `rate`, and then time to send what a machine that is busy could not send when it was due. */
function atRate(rate: number, seconds: number): LoadModel {
  const sending = { fromRate: rate, toRate: rate, seconds }
  return {
    kind: 'open',
    arrival: 'constant',
    stages: [sending, { fromRate: 0, toRate: 0, seconds: 5 }],
  }
}

/** In milliseconds. What else runs on the machine adds to most of a hundred, but not to all. */
const leastOf = (leg: Histogram) => leg.minNs / 1e6
const medianOf = (leg: Histogram) => leg.quantileNs(0.5) / 1e6

/** How many of the recorded times are `ns` or more, to the resolution of their histogram. */
function countFrom(leg: Histogram, ns: number): number {
  let low = 0
  let high = leg.count
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (leg.quantileNs((middle + 1) / leg.count) < ns) low = middle + 1
    else high = middle
  }
  return leg.count - low
}

describe('runScenario() measures a server that is known to take 20 ms', () => {
  // Eight consumers have time for twice that rate.
  const settings = { load: atRate(200, 0.5), msgs: 100, consumers: 8 }
  const DELAY_MS = 20
  /** What is asked of the measuring beside what the undelayed request takes. */
  const UP_TO_MS = 1.05 * DELAY_MS + 0.2

  test('to SETTLE as that, and neither more nor elsewhere', async () => {
    const { tally } = await measure(['--settle-delay-ms', `${DELAY_MS}`], settings)

    expect(leastOf(tally.settle)).toBeGreaterThanOrEqual(DELAY_MS)
    expect(leastOf(tally.settle)).toBeLessThan(UP_TO_MS + medianOf(tally.ingest))
    expect(leastOf(tally.hold)).toBeGreaterThanOrEqual(DELAY_MS)
    expect(leastOf(tally.latency)).toBeGreaterThanOrEqual(DELAY_MS)
    expect(leastOf(tally.ingest)).toBeLessThan(DELAY_MS)
    expect(leastOf(tally.wait)).toBeLessThan(DELAY_MS)
  })

  test('to PRODUCE as that, and neither more nor elsewhere', async () => {
    const { tally } = await measure(['--produce-delay-ms', `${DELAY_MS}`], settings)

    expect(leastOf(tally.ingest)).toBeGreaterThanOrEqual(DELAY_MS)
    expect(leastOf(tally.ingest)).toBeLessThan(UP_TO_MS + medianOf(tally.settle))
    expect(leastOf(tally.wait)).toBeGreaterThanOrEqual(DELAY_MS)
    expect(leastOf(tally.latency)).toBeGreaterThanOrEqual(DELAY_MS)
    expect(leastOf(tally.settle)).toBeLessThan(DELAY_MS)
    expect(leastOf(tally.hold)).toBeLessThan(DELAY_MS)
  })
})

describe('runScenario() against a server that does nothing for 500 ms', () => {
  const RATE = 1000
  const PAUSE_MS = 500
  const options = ['--pause-at-ms', '100', '--pause-ms', `${PAUSE_MS}`]

  test('counts the wait of every message that was due meanwhile, in an open loop', async () => {
    const { tally, paused } = await measure(options, { load: atRate(RATE, 1), msgs: 1000 })

    expect.assert(paused !== undefined)
    const beganMs = (paused.beganNs - tally.startNs) / 1e6
    const endedMs = (paused.endedNs - tally.startNs) / 1e6
    // One is due each millisecond, and waits for the end of the pause at least.
    const waitsMs = Array.from({ length: 1000 }, (_, dueMs) => dueMs)
      .filter(dueMs => dueMs >= beganMs && dueMs <= endedMs)
      .map(dueMs => endedMs - dueMs)
    expect(waitsMs.length).toBeGreaterThanOrEqual(RATE * (PAUSE_MS / 1000) - 1)
    for (const share of [0.1, 0.5, 0.9]) {
      const leastMs = share * PAUSE_MS
      const due = waitsMs.filter(waitMs => waitMs >= leastMs).length
      expect(countFrom(tally.latency, leastMs * 1e6)).toBeGreaterThanOrEqual(due)
      expect(due).toBeGreaterThanOrEqual(RATE * (PAUSE_MS / 1000) * (1 - share) - 1)
    }
    const longestMs = Math.max(...waitsMs)
    expect(longestMs).toBeGreaterThanOrEqual(PAUSE_MS - 1000 / RATE)
    expect(tally.latency.maxNs / 1e6).toBeGreaterThanOrEqual(longestMs)
    const summedMs = waitsMs.reduce((sum, waitMs) => sum + waitMs, 0)
    expect(tally.latency.sumNs / 1e6).toBeGreaterThanOrEqual(summedMs)
    // It sent them when they were due all the same.
    expect(tally.lag.quantileNs(0.9) / 1e6).toBeLessThan(PAUSE_MS / 5)

    // In the later half of the pause even an answer from before it has been read.
    const { slices, sliceMs } = tally.toTimeline()
    const within = slices.filter(
      ({ startMs }) => startMs > beganMs + PAUSE_MS / 2 && startMs + sliceMs < endedMs,
    )
    expect(within.length).toBeGreaterThanOrEqual(PAUSE_MS / 2 / sliceMs - 2)
    for (const slice of within) {
      expect(slice).toMatchObject({ producerThroughput: 0, consumerThroughput: 0 })
      expect(slice.latencyMs).toBeUndefined()
    }
    const later = slices.filter(({ startMs }) => startMs + sliceMs > endedMs)
    const highest = Math.max(...later.map(({ latencyMs }) => latencyMs?.max ?? 0))
    expect(highest).toBeGreaterThanOrEqual(longestMs)
  })

  // The omission that open loops are for: who waits for answers sends nothing meanwhile.
  test('hides all but the messages under way in a closed loop', async () => {
    const settings = { producers: 2, consumers: 4, idleBackoffMaxMs: 1 }
    const load = { kind: 'closed', durationSeconds: 1.2 } as const
    const { tally, paused } = await measure([...options, '--produce-delay-ms', '1'], {
      ...settings,
      load,
      msgs: 100_000,
    })

    expect.assert(paused !== undefined)
    expect(tally.latency.maxNs / 1e6).toBeGreaterThanOrEqual(PAUSE_MS / 2)
    // One on each of six connections, and what lay in between: an open loop has at least 248.
    expect(countFrom(tally.latency, (PAUSE_MS / 2) * 1e6)).toBeLessThanOrEqual(30)
    expect(tally.latency.quantileNs(0.5) / 1e6).toBeLessThan(PAUSE_MS / 2)
  })
})

test('runScenario() ends an open loop whose server takes a tenth of it, and says how much was not sent', async () => {
  const load: LoadModel = {
    kind: 'open',
    arrival: 'constant',
    stages: [{ fromRate: 2000, toRate: 2000, seconds: 0.5 }],
  }
  const settings = { load, msgs: 1000, producerPipeline: 4 }
  const { tally, correctness, unsentShare } = await measure(['--rate', '200'], settings)

  // 120 until it gives up after 0.6 s, and as many as there are in the pipelines.
  expect(unsentShare).toBeGreaterThan(0.5)
  expect(unsentShare).toBe(tally.unsent / 1000)
  const sent = 1000 - tally.unsent
  expect(correctness).toMatchObject({ verdict: 'exactly-once', produced: sent, settled: sent })
  expect(tally).toMatchObject({ produced: sent, settled: sent })
  expect(tally.lag.maxNs / 1e6).toBeGreaterThan(50)
})
