import { expect, test } from 'vitest'
import { LEGS, Tally } from './tally.ts'

test('Tally.merge() sums counts, and takes first times, last times and highest marks', () => {
  const one = new Tally()
  Object.assign(one, {
    firstProduceSentNs: 10,
    lastProduceAcknowledgedNs: 50,
    firstAcquireSentNs: 30,
    lastSettleAcknowledgedNs: 90,
    produced: 1,
    settled: 2,
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
    firstProduceSentNs: 20,
    lastProduceAcknowledgedNs: 60,
    firstAcquireSentNs: 25,
    lastSettleAcknowledgedNs: 80,
    produced: 100,
    settled: 100,
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
    firstProduceSentNs: 10,
    lastProduceAcknowledgedNs: 60,
    firstAcquireSentNs: 25,
    lastSettleAcknowledgedNs: 90,
    produced: 101,
    settled: 102,
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
  ])
})
