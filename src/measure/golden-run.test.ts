import { expect, test } from 'vitest'
import { computeMetrics } from './compute-metrics.ts'
import { checkLittlesLaw, littlesLawHolds } from './littles-law.ts'
import { Tally } from './tally.ts'

const MS = 1e6
const START_NS = 1000e9

/** Milliseconds after the start; `idle` of the wait the consumer was asleep. */
const MESSAGES = [
  { due: 0, sent: 1, acknowledged: 2, asked: 4, acquired: 5, idle: 2, settling: 5, settled: 10 },
  {
    due: 50,
    sent: 54,
    acknowledged: 60,
    asked: 68,
    acquired: 70,
    idle: 8,
    settling: 72,
    settled: 80,
  },
  {
    due: 100,
    sent: 100,
    acknowledged: 105,
    asked: 110,
    acquired: 115,
    idle: 0,
    settling: 116,
    settled: 150,
  },
  {
    due: 150,
    sent: 190,
    acknowledged: 192,
    asked: 193,
    acquired: 195,
    idle: 9.5,
    settling: 195,
    settled: 255,
  },
] as const

/** Five messages were due in a quarter of a second; four were sent, over two threads. */
function goldenRun(): Tally {
  const producing = new Tally(START_NS)
  const consuming = new Tally(START_NS)
  for (const { due, sent, acknowledged } of MESSAGES) {
    producing.lag.record((sent - due) * MS)
    producing.ingest.record((acknowledged - sent) * MS)
    producing.sentSumNs += due * MS
    producing.firstProduceSentNs ||= START_NS + sent * MS
    producing.lastProduceSentNs = START_NS + sent * MS
    producing.lastProduceAcknowledgedNs = START_NS + acknowledged * MS
    producing.produced += 1
    producing.maxQueueDepth = 1
    producing.timeline.at(START_NS + acknowledged * MS)
    producing.timeline.produced(1, 1)
  }
  producing.unsent = 1
  for (const { due, asked, acquired, idle, settling, settled } of MESSAGES) {
    consuming.firstAcquireSentNs ||= START_NS + asked * MS
    consuming.lastSettleAcknowledgedNs = START_NS + settled * MS
    consuming.wait.record((acquired - due) * MS)
    consuming.settle.record((settled - settling) * MS)
    consuming.hold.record((settled - acquired) * MS)
    consuming.latency.record((settled - due) * MS)
    consuming.settledSumNs += settled * MS
    consuming.idleWaitNs += idle * MS
    consuming.settled += 1
    consuming.deliveries += 1
    consuming.empties += 2
    consuming.maxInFlight = 1
    consuming.timeline.at(START_NS + acquired * MS)
    consuming.timeline.delivered(1)
    consuming.timeline.inFlightPeak(1)
    consuming.timeline.at(START_NS + settled * MS)
    consuming.timeline.settled(1)
    consuming.timeline.latency((settled - due) * MS)
  }
  const run = new Tally()
  run.merge(producing.toData())
  run.merge(consuming.toData())
  return run
}

test('a run with known times has the figures that paper gives', () => {
  const offered = { msgs: 5, seconds: 0.25 }
  const metrics = computeMetrics(
    goldenRun(),
    { producers: 1, consumers: 2 },
    { serverNs: 20 * MS },
    { mode: 'concurrent', offered },
  )

  expect(metrics).toMatchObject({
    producerThroughput: 4 / 0.191,
    consumerThroughput: 4 / 0.251,
    efficiency: 2 / 0.251,
    offeredRate: 20,
    acceptedRate: 16,
    // 10, 30, 50 and 105 ms.
    latencyMs: { mean: 48.75, max: 105 },
    ingestMs: { mean: (1 + 6 + 5 + 2) / 4, max: 6 },
    waitMs: { mean: (5 + 20 + 15 + 45) / 4, max: 45 },
    settleMs: { mean: (5 + 8 + 34 + 60) / 4, max: 60 },
    holdMs: { mean: (5 + 10 + 35 + 60) / 4, max: 60 },
    lagMs: { mean: (1 + 4 + 0 + 40) / 4, max: 40 },
    maxQueueDepth: 1,
    maxInFlight: 1,
    emptyAcquires: 2,
    // 19.5 of 195 ms.
    idleWaitShare: 0.1,
    messagesPerCpuSecond: { server: 200 },
    durationMs: 254,
  })
})

test("a run with known times keeps Little's law", () => {
  const check = checkLittlesLaw(goldenRun())
  expect.assert(check !== undefined)

  expect(check.inSystem).toBeCloseTo(195 / 254, 12)
  expect(check.rate).toBeCloseTo(4 / 0.254, 9)
  expect(check.latencyMs).toBe(48.75)
  expect(check.ratio).toBeCloseTo(1, 12)
  expect(littlesLawHolds(check)).toBe(true)
})

test('a run with known times has the timeline that paper gives', () => {
  const { sliceMs, slices } = goldenRun().toTimeline()

  expect(sliceMs).toBe(10)
  expect(slices).toHaveLength(26)
  expect(startsOf(slice => slice.producerThroughput === 100)).toEqual([0, 60, 100, 190])
  // The last slice is covered for 5 ms.
  expect(startsOf(slice => slice.consumerThroughput === 100)).toEqual([10, 80, 150])
  expect(startsOf(slice => slice.consumerThroughput === 200)).toEqual([250])
  expect(startsOf(slice => slice.queueDepth === 1)).toEqual([
    ...[0, 10],
    ...[60, 70, 80],
    ...[100, 110, 120, 130, 140, 150],
    ...[190, 200, 210, 220, 230, 240, 250],
  ])
  expect(startsOf(slice => slice.inFlight === 1)).toEqual([
    ...[0, 10],
    ...[70, 80],
    ...[110, 120, 130, 140, 150],
    ...[190, 200, 210, 220, 230, 240, 250],
  ])
  expect(slices.flatMap(slice => slice.latencyMs?.max ?? [])).toEqual([10, 30, 50, 105])

  function startsOf(is: (slice: (typeof slices)[number]) => boolean): number[] {
    return slices.filter(is).map(slice => slice.startMs)
  }
})
