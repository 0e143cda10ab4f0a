import { expect, test } from 'vitest'
import { LEGS, Tally } from './tally.ts'
import { mergeTimelines } from './timeline.ts'

test('Tally.merge() sums counts, and takes first times, last times and highest marks', () => {
  const one = new Tally()
  Object.assign(one, {
    startNs: 7,
    recordFromNs: 8,
    firstProduceSentNs: 10,
    lastProduceSentNs: 45,
    lastProduceAcknowledgedNs: 50,
    firstAcquireSentNs: 30,
    lastSettleAcknowledgedNs: 90,
    produced: 1,
    settled: 2,
    unsent: 13,
    sentSumNs: 14,
    settledSumNs: 15,
    idleWaitNs: 16,
    deliveries: 3,
    empties: 4,
    duplicated: 5,
    leaseOverlaps: 6,
    redelivered: 7,
    corrupted: 8,
    unexpected: 9,
    lateSettlesRefused: 10,
    maxQueueDepth: 11,
    maxInFlight: 12,
  })
  const other = new Tally()
  Object.assign(other, {
    startNs: 7,
    recordFromNs: 8,
    firstProduceSentNs: 20,
    lastProduceSentNs: 55,
    lastProduceAcknowledgedNs: 60,
    firstAcquireSentNs: 25,
    lastSettleAcknowledgedNs: 80,
    produced: 100,
    settled: 100,
    unsent: 100,
    sentSumNs: 100,
    settledSumNs: 100,
    idleWaitNs: 100,
    deliveries: 100,
    empties: 100,
    duplicated: 100,
    leaseOverlaps: 100,
    redelivered: 100,
    corrupted: 100,
    unexpected: 100,
    lateSettlesRefused: 100,
    maxQueueDepth: 5,
    maxInFlight: 50,
  })
  for (const [index, leg] of LEGS.entries()) {
    one[leg].record(index)
    other[leg].record(100 + index)
  }
  const merged = new Tally()
  // A thread without work has no times.
  for (const part of [new Tally(), one, other]) merged.merge(structuredClone(part.toData()))

  expect(merged).toMatchObject({
    startNs: 7,
    recordFromNs: 8,
    firstProduceSentNs: 10,
    lastProduceSentNs: 55,
    lastProduceAcknowledgedNs: 60,
    firstAcquireSentNs: 25,
    lastSettleAcknowledgedNs: 90,
    produced: 101,
    settled: 102,
    unsent: 113,
    sentSumNs: 114,
    settledSumNs: 115,
    idleWaitNs: 116,
    deliveries: 103,
    empties: 104,
    duplicated: 105,
    leaseOverlaps: 106,
    redelivered: 107,
    corrupted: 108,
    unexpected: 109,
    lateSettlesRefused: 110,
    maxQueueDepth: 11,
    maxInFlight: 50,
  })
  expect(LEGS.map(leg => [merged[leg].minNs, merged[leg].maxNs, merged[leg].count])).toEqual([
    [0, 100, 2],
    [1, 101, 2],
    [2, 102, 2],
    [3, 103, 2],
    [4, 104, 2],
    [5, 105, 2],
  ])
})

test('Tally.merge() keeps the timelines of all threads, also on a second way', () => {
  const [one, other] = [new Tally(), new Tally(1e9)]
  one.startAt(1e9)
  one.timeline.at(1e9 + 5e6)
  one.timeline.produced(4, 4)
  other.timeline.at(1e9 + 8e6)
  other.timeline.settled(3)
  const half = new Tally()
  half.merge(structuredClone(one.toData()))
  const merged = new Tally()
  merged.merge(structuredClone(half.toData()))
  merged.merge(structuredClone(other.toData()))

  expect(merged.startNs).toBe(1e9)
  expect(merged.toTimeline()).toEqual(
    mergeTimelines([one.timeline.toData(), other.timeline.toData()]),
  )
  expect(merged.toTimeline()).toEqual({
    sliceMs: 10,
    slices: [
      { startMs: 0, producerThroughput: 500, consumerThroughput: 375, queueDepth: 4, inFlight: 0 },
    ],
  })
  expect(other.toTimeline().slices).toHaveLength(1)
})

test('Tally.startAt() moves sums and timeline to the new start', () => {
  const tally = new Tally(1000)
  Object.assign(tally, { produced: 3, sentSumNs: 60, settled: 2, settledSumNs: 90 })
  tally.timeline.at(1050)
  tally.timeline.produced(3, 3)
  tally.startAt(1010)

  expect(tally).toMatchObject({ startNs: 1010, produced: 3, sentSumNs: 30, settledSumNs: 70 })
  expect(tally.timeline.toData()).toMatchObject({ startNs: 1010, openingDepth: 3, slices: [] })
})
