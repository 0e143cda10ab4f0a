import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BenchError } from '../errors.ts'
import { startProducer } from '../testing/started-producer.ts'
import type { Pace } from './producer-loop.ts'
import { scheduleOf } from './schedule.ts'

const UNTIMED: Pace = { kind: 'closed', untilNs: Number.POSITIVE_INFINITY }
const TEN_MS: Pace = { kind: 'closed', untilNs: 10e6 }

/** Two messages a second, of which the first is due at the start. */
function seldom(messages: number): Pace {
  const stages = [{ fromRate: 2, toRate: 2, seconds: messages / 2 }]
  const assignment = { producers: 1, msgs: messages }
  const schedule = scheduleOf({ kind: 'open', arrival: 'constant', stages }, assignment, 0, 1)
  return { kind: 'open', schedule, madeRoom() {} }
}

describe('ProducerLoop in a closed loop', () => {
  test('keeps its pipeline open, one more for each answer, until all are sent', () => {
    const { producer, heard } = startProducer({ pace: UNTIMED, messages: 5, pipeline: 3 })
    expect(producer.asked).toEqual(['produce 0', 'produce 1', 'produce 2'])
    producer.acknowledge(1)
    expect(producer.asked).toEqual(['produce 1', 'produce 2', 'produce 3'])
    producer.acknowledge(2)
    expect(producer.asked).toEqual(['produce 3', 'produce 4'])
    producer.acknowledge(1)
    expect(heard).toEqual([])
    producer.acknowledge(1)

    expect(heard).toEqual(['finished'])
    expect(producer.asked).toEqual([])
  })

  test('wants no pacer', () => {
    const { loop, producer } = startProducer({ pace: UNTIMED })
    expect(loop.nextDueNs).toBe(Number.POSITIVE_INFINITY)
    producer.acknowledge(1)

    expect(loop.nextDueNs).toBe(Number.POSITIVE_INFINITY)
  })

  test('sends nothing at the end of its time or after it, and waits for what it sent', () => {
    const { producer, at, heard, timesFinished } = startProducer({ pace: TEN_MS, pipeline: 2 })
    at(9.999)
    producer.acknowledge(1)
    expect(producer.asked).toEqual(['produce 1', 'produce 2'])
    at(10)
    producer.acknowledge(1)
    expect(producer.asked).toEqual(['produce 2'])
    expect(heard).toEqual([])
    at(50)
    producer.acknowledge(1)

    expect(producer.asked).toEqual([])
    expect(heard).toEqual(['finished'])
    expect(timesFinished(3)).toBe(1)
  })

  test.each<{ name: string; messages: number; untilNs: number }>([
    { name: 'without messages', messages: 0, untilNs: Number.POSITIVE_INFINITY },
    { name: 'without time', messages: 5, untilNs: 0 },
  ])('is finished at once $name', ({ messages, untilNs }) => {
    const pace: Pace = { kind: 'closed', untilNs }
    const { producer, heard, timesFinished } = startProducer({ pace, messages })

    expect(heard).toEqual(['finished'])
    expect(producer.openRequests).toBe(0)
    expect(timesFinished(0)).toBe(1)
  })

  test('counts latency from when it sent, and no lateness', () => {
    const { producer, at, ledger, tally } = startProducer({ pace: UNTIMED, messages: 2 })
    at(3)
    producer.acknowledge(1)
    at(7)
    producer.acknowledge(1)

    expect([ledger.dueNs(0), ledger.dueNs(1)]).toEqual([100e6, 103e6])
    expect([tally.ingest.minNs, tally.ingest.maxNs]).toEqual([3e6, 4e6])
    expect(tally.lag.count).toBe(0)
    expect(tally).toMatchObject({
      produced: 2,
      sentSumNs: 3e6,
      firstProduceSentNs: 100e6,
      lastProduceSentNs: 103e6,
      lastProduceAcknowledgedNs: 107e6,
      maxQueueDepth: 2,
    })
  })
})

describe('ProducerLoop fails', () => {
  test('once, and is not finished, when its connection breaks or a message is refused', () => {
    const { loop, producer, heard, timesFinished } = startProducer({ pace: UNTIMED })
    producer.events.refused('Full')
    producer.events.closed(new BenchError('CONNECTION_CLOSED', 'Gone'))
    loop.stop()

    expect(heard).toEqual(['failed: The server refused PRODUCE: Full'])
    expect(producer.isClosed).toBe(true)
    expect(timesFinished(0)).toBe(0)
  })

  test('no more once it is finished', () => {
    const { producer, heard } = startProducer({ pace: UNTIMED, messages: 1 })
    producer.acknowledge(1)
    producer.events.closed(new BenchError('CONNECTION_CLOSED', 'Gone'))

    expect(heard).toEqual(['finished'])
  })
})

describe('ProducerLoop.stop()', () => {
  test('sends nothing more and is finished with the last answer', () => {
    const { loop, producer, heard, timesFinished } = startProducer({ pace: UNTIMED, pipeline: 2 })
    loop.stop()
    producer.acknowledge(1)
    expect(heard).toEqual([])
    producer.acknowledge(1)

    expect(heard).toEqual(['finished'])
    expect(producer.asked).toEqual([])
    expect(timesFinished(2)).toBe(1)
  })
})

const ACTIONS = ['stop', 'giveUp', 'close', 'answer', 'send'] as const

test.each([
  { name: 'a closed loop', pace: () => UNTIMED },
  { name: 'an open loop', pace: () => seldom(3) },
])('ProducerLoop in $name finishes once at most, whatever comes in whatever order', ({ pace }) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...ACTIONS), { maxLength: 12 }), actions => {
      const started = startProducer({ pace: pace(), messages: 3 })
      const { loop, producer, clock, heard, ledger, tally } = started
      const log: string[] = []
      for (const action of actions) {
        clock.advance(250)
        if (action === 'send') loop.send(clock.nowNs())
        else if (action !== 'answer') loop[action]()
        // A channel that is closed calls nobody any more.
        else if (producer.openRequests > 0 && !producer.isClosed) producer.acknowledge(1)
        log.push(`${action}: ${heard.join()}`)
      }
      const { sent, produced } = ledger.count()
      const isFinished = heard.length > 0
      expect(heard, log.join(' ')).toEqual(isFinished ? ['finished'] : [])
      if (isFinished) expect(produced).toBe(sent)
      expect(tally.produced).toBe(produced)
      expect(started.timesFinished(sent)).toBe(isFinished ? 1 : 0)
      expect(sent + tally.unsent).toBeLessThanOrEqual(3)
    }),
    { numRuns: 200 },
  )
})
