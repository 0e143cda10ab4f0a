import { describe, expect, test } from 'vitest'
import { type ProducerSettings, startProducer } from '../testing/started-producer.ts'
import { scheduleOf } from './schedule.ts'

/** One message every 10 ms from the start on; `room` has the times at which an answer made room. */
function startOpen({ messages = 10, ...settings }: Omit<ProducerSettings, 'pace'> = {}) {
  const stages = [{ fromRate: 100, toRate: 100, seconds: messages / 100 }]
  const assignment = { producers: 1, msgs: messages }
  const schedule = scheduleOf({ kind: 'open', arrival: 'constant', stages }, assignment, 0, 1)
  const room: number[] = []
  const started = startProducer({
    ...settings,
    messages,
    pace: { kind: 'open', schedule, madeRoom: () => room.push(started.clock.nowNs() / 1e6 - 100) },
  })
  const sendAt = (ms: number) => {
    started.at(ms)
    started.loop.send(started.clock.nowNs())
  }
  /** In ms from the start. */
  const nextDueMs = () => started.loop.nextDueNs / 1e6 - 100
  return { ...started, room, sendAt, nextDueMs }
}

describe('ProducerLoop in an open loop', () => {
  test('sends each message when it is due, never before, without a single answer', () => {
    const { producer, sendAt, nextDueMs } = startOpen({ pipeline: 10 })
    expect(producer.asked).toEqual(['produce 0'])
    expect(nextDueMs()).toBe(10)
    sendAt(9.999)
    expect(producer.asked).toHaveLength(1)
    sendAt(10)
    expect(producer.asked).toHaveLength(2)
    expect(nextDueMs()).toBe(20)
    sendAt(45)
    expect(producer.asked).toHaveLength(5)
    expect(nextDueMs()).toBe(50)
  })

  test('sends nothing when it is told of a start that is to come', () => {
    const { producer, sendAt, nextDueMs } = startOpen({ leadMs: 5 })
    expect(producer.asked).toEqual([])
    expect(nextDueMs()).toBe(0)
    sendAt(-0.001)
    expect(producer.asked).toEqual([])
    sendAt(0)
    expect(producer.asked).toEqual(['produce 0'])
  })

  test('is finished with the answer to its last message', () => {
    const { producer, sendAt, heard, nextDueMs, timesFinished } = startOpen({
      messages: 2,
      pipeline: 2,
    })
    producer.acknowledge(1)
    expect(heard).toEqual([])
    sendAt(10)
    expect(nextDueMs()).toBe(Number.POSITIVE_INFINITY)
    expect(heard).toEqual([])
    producer.acknowledge(1)

    expect(heard).toEqual(['finished'])
    expect(timesFinished(2)).toBe(1)
  })

  test('counts ingestion from when it sent, and lateness and latency from when it was due', () => {
    const { producer, at, sendAt, ledger, tally } = startOpen({ messages: 3, pipeline: 3 })
    sendAt(14)
    sendAt(20.5)
    at(30)
    producer.acknowledge(3)

    expect([0, 1, 2].map(message => ledger.dueNs(message))).toEqual([100e6, 110e6, 120e6])
    expect([tally.lag.minNs, tally.lag.maxNs, tally.lag.sumNs]).toEqual([0, 4e6, 4.5e6])
    expect([tally.ingest.minNs, tally.ingest.maxNs]).toEqual([9.5e6, 30e6])
    expect(tally).toMatchObject({
      produced: 3,
      sentSumNs: 30e6,
      firstProduceSentNs: 100e6,
      lastProduceSentNs: 120.5e6,
      lastProduceAcknowledgedNs: 130e6,
    })
  })
})

describe('ProducerLoop with a full pipeline', () => {
  test('sends no more than it holds, and then at once what was due, counted from then', () => {
    const { producer, at, sendAt, room, nextDueMs, ledger, tally } = startOpen({ pipeline: 2 })
    sendAt(10)
    sendAt(35)
    expect(producer.asked).toEqual(['produce 0', 'produce 1'])
    expect(nextDueMs()).toBe(Number.POSITIVE_INFINITY)
    producer.acknowledge(1)
    expect(producer.asked).toEqual(['produce 1', 'produce 2'])
    expect(room).toEqual([35])
    at(39)
    producer.acknowledge(2)

    expect(producer.asked).toEqual(['produce 3'])
    expect(ledger.dueNs(3)).toBe(130e6)
    expect(room).toEqual([35, 39])
    expect(nextDueMs()).toBe(40)
    at(40)
    producer.acknowledge(1)
    expect([tally.lag.maxNs, tally.lag.sumNs]).toEqual([15e6, 15e6 + 9e6])
  })

  // The pacer was told that nothing can be sent: somebody has to tell it that something can.
  test('says that there is room also when nothing has become due meanwhile', () => {
    const { producer, at, room, nextDueMs } = startOpen({ pipeline: 1 })
    expect(nextDueMs()).toBe(Number.POSITIVE_INFINITY)
    at(4)
    producer.acknowledge(1)

    expect(room).toEqual([4])
    expect(nextDueMs()).toBe(10)
    expect(producer.asked).toEqual([])
  })

  test('sends what became due while the pacer slept', () => {
    const { producer, at, room } = startOpen({ pipeline: 1 })
    at(12)
    producer.acknowledge(1)

    expect(producer.asked).toEqual(['produce 1'])
    expect(room).toEqual([12])
  })

  test('does not wake the pacer for answers that make no room', () => {
    const { producer, at, room } = startOpen({ pipeline: 2 })
    at(4)
    producer.acknowledge(1)

    expect(room).toEqual([])
  })
})

describe('ProducerLoop.giveUp()', () => {
  test('drops and counts what was not sent, and waits for the answers to the rest', () => {
    const { loop, producer, sendAt, heard, tally, timesFinished } = startOpen({ pipeline: 2 })
    sendAt(55)
    loop.giveUp()
    loop.giveUp()
    expect(tally.unsent).toBe(8)
    producer.acknowledge(1)
    expect(heard).toEqual([])
    producer.acknowledge(1)

    expect(producer.asked).toEqual([])
    expect(heard).toEqual(['finished'])
    expect(tally).toMatchObject({ produced: 2, unsent: 8 })
    expect(timesFinished(2)).toBe(1)
  })

  test('finishes at once when nothing is open', () => {
    const { loop, producer, heard, tally } = startOpen()
    producer.acknowledge(1)
    loop.giveUp()

    expect(heard).toEqual(['finished'])
    expect(tally.unsent).toBe(9)
  })

  test('drops nothing when everything was sent or the loop is over', () => {
    const sent = startOpen({ messages: 1 })
    sent.loop.giveUp()
    const closed = startOpen()
    closed.loop.close()
    closed.loop.giveUp()

    expect([sent.tally.unsent, closed.tally.unsent]).toEqual([0, 0])
  })
})

test('ProducerLoop leaves what was due before recordFromNs out of all figures and nothing else', () => {
  const { producer, at, sendAt, tally, ledger, board } = startOpen({
    messages: 4,
    pipeline: 4,
    recordFromMs: 20,
  })
  sendAt(10)
  sendAt(19)
  at(24)
  producer.acknowledge(2)
  expect(tally).toMatchObject({
    produced: 0,
    sentSumNs: 0,
    firstProduceSentNs: 0,
    lastProduceSentNs: 0,
    lastProduceAcknowledgedNs: 0,
  })
  sendAt(25)
  sendAt(30)
  at(31)
  producer.acknowledge(2)

  expect(tally).toMatchObject({
    produced: 2,
    sentSumNs: 20e6 + 30e6,
    firstProduceSentNs: 125e6,
    lastProduceSentNs: 130e6,
    lastProduceAcknowledgedNs: 131e6,
    maxQueueDepth: 4,
  })
  expect([tally.ingest.count, tally.lag.count, tally.lag.maxNs]).toEqual([2, 2, 5e6])
  expect(ledger.count()).toMatchObject({ sent: 4, produced: 4 })
  expect(board.progress().acknowledged).toBe(4)
  expect(board.addQueueDepth(0)).toBe(4)
  expect(tally.toTimeline().slices.map(slice => slice.queueDepth)).toEqual([0, 0, 2, 4])
})
