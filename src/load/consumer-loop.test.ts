import { describe, expect, test } from 'vitest'
import { BenchError } from '../errors.ts'
import { Ledger } from '../ledger/ledger.ts'
import { Tally } from '../measure/tally.ts'
import { HandDriver } from '../testing/hand-driver.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { Board } from './board.ts'
import { ConsumerLoop } from './consumer-loop.ts'
import { IdentityReader } from './identity.ts'
import { PayloadSizes } from './payload-sizes.ts'

/** Consumers of ten messages that one producer has sent at 1 ms, as many as there are pipelines. */
function startConsumers({
  pipelines = [1],
  leaseMs = 100,
  processingMs = 0,
  idleBackoffMaxMs = 16,
} = {}) {
  const clock = new ManualClock()
  clock.advance(1)
  const driver = new HandDriver()
  const msgs = 10
  const ledger = new Ledger(msgs)
  const board = new Board()
  for (let message = 0; message < msgs; message += 1) ledger.sent(message, clock.nowNs())
  const heard: string[] = []
  const tallies = pipelines.map((pipeline, index) => {
    const tally = new Tally()
    const loop = new ConsumerLoop(
      {
        clock,
        driver,
        logId: 'log',
        groupId: 'group',
        clientId: `c${index}`,
        consumer: index + 1,
        producers: 1,
        pipeline,
        requestTimeoutMs: 1000,
        leaseMs,
        processingMs,
        idleBackoffMs: 1,
        idleBackoffMaxMs,
        identity: new IdentityReader({ producers: 1, msgs }, new PayloadSizes(undefined, 1)),
      },
      { ledger, board, tally },
      {
        opened() {},
        finished: () => heard.push(`${index} finished`),
        failed: error => heard.push(`${index} failed: ${error.message}`),
      },
    )
    loop.start()
    return tally
  })
  const [first, second = first] = driver.consumers
  const [tally, otherTally = tally] = tallies
  expect.assert(first !== undefined && second !== undefined)
  expect.assert(tally !== undefined && otherTally !== undefined)
  const accountForAllBut = (left: number) => {
    board.addAcknowledged(msgs)
    board.finishProducer(msgs)
    board.addConsumed(msgs - left, msgs - left)
  }
  return { clock, first, second, tally, otherTally, ledger, board, heard, accountForAllBut }
}

describe('ConsumerLoop waits', () => {
  test('1, 2, 4, 8, 16 ms after empty answers, then as long, and 1 ms after a message', () => {
    const { clock, first } = startConsumers()
    for (const waitMs of [1, 2, 4, 8, 16, 16, 16]) {
      first.answer('empty')
      clock.advance(waitMs - 0.001)
      expect(first.asked).toEqual([])
      clock.advance(0.001)
      expect(first.asked).toEqual(['acquire'])
    }
    first.answer({ deliver: 'bench-0-0' })
    expect(first.asked).toEqual(['settle 0'])
    first.answer('settled')
    expect(first.asked).toEqual(['acquire'])
    first.answer('empty')
    clock.advance(1)
    expect(first.asked).toEqual(['acquire'])
  })

  test('never beyond a ceiling between two powers', () => {
    const { clock, first } = startConsumers({ idleBackoffMaxMs: 2.5 })
    for (const waitMs of [1, 2, 2.5, 2.5]) {
      first.answer('empty')
      clock.advance(waitMs - 0.001)
      expect(first.asked).toEqual([])
      clock.advance(0.001)
      expect(first.asked).toEqual(['acquire'])
    }
  })

  test('once for all empty answers of a read, with one request after it', () => {
    const { clock, first, tally } = startConsumers({ pipelines: [4] })
    expect(first.asked).toHaveLength(4)
    first.answer('empty', 'empty', 'empty', 'empty')
    clock.advance(1)

    expect(first.asked).toEqual(['acquire'])
    expect(tally.empties).toBe(4)
  })

  test('never with more than its pipeline outstanding, which it reaches by doubling', () => {
    const { clock, first } = startConsumers({ pipelines: [4] })
    first.answer('empty', 'empty', 'empty', 'empty')
    clock.advance(1)
    first.answer({ deliver: 'bench-0-0' })
    expect(first.asked).toEqual(['settle 0', 'acquire', 'acquire'])
    first.answer('settled', { deliver: 'bench-0-1' }, { deliver: 'bench-0-2' })
    expect(first.asked).toEqual(['settle 1', 'settle 2', 'acquire', 'acquire'])
  })
})

describe('ConsumerLoop counts', () => {
  test('a message with another consumer before its SETTLE could leave as an overlap', () => {
    const { first, second, tally, otherTally } = startConsumers({ pipelines: [1, 1] })
    first.answerAndThen([{ deliver: 'bench-0-3' }], () => second.answer({ deliver: 'bench-0-3' }))

    expect(tally).toMatchObject({ deliveries: 1, duplicated: 0 })
    expect(otherTally).toMatchObject({ deliveries: 1, duplicated: 1, leaseOverlaps: 1 })
  })

  test('a message with another consumer after its SETTLE left as duplicated', () => {
    const { first, second, otherTally } = startConsumers({ pipelines: [1, 1] })
    first.answer({ deliver: 'bench-0-3' })
    second.answer({ deliver: 'bench-0-3' })

    expect(otherTally).toMatchObject({ duplicated: 1, leaseOverlaps: 0 })
  })

  test('a message twice in one read as duplicated, not as an overlap with itself', () => {
    const { first, tally } = startConsumers({ pipelines: [2] })
    first.answer({ deliver: 'bench-0-3' }, { deliver: 'bench-0-3' })

    expect(tally).toMatchObject({ deliveries: 2, duplicated: 1, leaseOverlaps: 0 })
    expect(first.asked).toEqual(['settle 3', 'settle 3'])
  })

  test('the most messages in flight also where they peak within one read', () => {
    const { first, tally } = startConsumers({ pipelines: [4] })
    first.answer({ deliver: 'bench-0-0' }, { deliver: 'bench-0-1' })
    expect(tally.maxInFlight).toBe(2)
    first.answer({ deliver: 'bench-0-2' }, { deliver: 'bench-0-3' }, 'settled', 'settled')
    expect(tally.maxInFlight).toBe(4)
    first.answer('settled', 'settled')
    expect(tally.maxInFlight).toBe(4)
  })

  test('what it cannot place, and settles it all the same', () => {
    const { first, tally } = startConsumers({ pipelines: [3] })
    first.answer({ deliver: 'bench-0-99' }, { deliver: 'Bench-0-1' }, { deliver: 'bench-0-1' })
    first.answer({ refuse: 'Unknown' }, 'settled', 'settled')

    expect(tally).toMatchObject({ unexpected: 1, corrupted: 1, settled: 1, lateSettlesRefused: 1 })
  })
})

describe('ConsumerLoop processes', () => {
  test('each message for its time before it settles, in the order in which they came', () => {
    const { clock, first, tally } = startConsumers({ pipelines: [2], processingMs: 5 })
    first.answer({ deliver: 'bench-0-0' })
    clock.advance(2)
    first.answer({ deliver: 'bench-0-1' })
    clock.advance(2.999)
    expect(first.asked).toEqual([])
    clock.advance(0.001)
    expect(first.asked).toEqual(['settle 0'])
    clock.advance(1)
    first.answer('settled')
    clock.advance(1)
    expect(first.asked).toEqual(['acquire', 'settle 1'])
    expect(tally.hold.maxNs).toBe(6e6)
  })

  test('no more at once than its pipeline has room for', () => {
    const { clock, first } = startConsumers({ pipelines: [2], processingMs: 5 })
    first.answer({ deliver: 'bench-0-0' }, { deliver: 'bench-0-1' })
    expect(first.asked).toEqual([])
    clock.advance(5)

    expect(first.asked).toEqual(['settle 0', 'settle 1'])
  })

  test('what it holds before it probes', () => {
    const { clock, first, heard, accountForAllBut } = startConsumers({ processingMs: 5 })
    accountForAllBut(0)
    first.answer({ deliver: 'bench-0-0' })
    expect(first.asked).toEqual([])
    clock.advance(5)
    expect(first.asked).toEqual(['settle 0'])
    first.answer('settled')

    expect(first.asked).toEqual(['acquire'])
    expect(heard).toEqual([])
  })
})

describe('ConsumerLoop counts as idle wait', () => {
  test('the time in which a message lay there and its consumer slept, and no more', () => {
    const { clock, first, tally, ledger } = startConsumers()
    first.answer('empty')
    clock.advance(1)
    first.answer('empty')
    clock.advance(0.5)
    ledger.sent(7, clock.nowNs())
    clock.advance(1.5)
    clock.advance(0.25)
    first.answer({ deliver: 'bench-0-7' })
    expect(tally.idleWaitNs).toBe(1.5e6)

    first.answer('settled')
    clock.advance(3)
    first.answer({ deliver: 'bench-0-8' })
    expect(tally.idleWaitNs).toBe(1.5e6)
  })

  test('the whole sleep where the message was there before', () => {
    const { clock, first, tally } = startConsumers()
    clock.advance(10)
    first.answer('empty')
    clock.advance(1)
    first.answer({ deliver: 'bench-0-0' })

    expect(tally.idleWaitNs).toBe(1e6)
  })
})

describe('ConsumerLoop takes a refused SETTLE', () => {
  test('for a failure while its lease runs', () => {
    const { clock, first, heard } = startConsumers()
    first.answer({ deliver: 'bench-0-0' })
    clock.advance(99.999)
    first.answer({ refuse: 'No' })

    expect(heard).toEqual(['0 failed: The server refused SETTLE of message 0: No'])
    expect(first.isClosed).toBe(true)
  })

  test('for late when its lease may be over, also while another one runs', () => {
    const { clock, first, second, tally, otherTally, heard } = startConsumers({
      pipelines: [1, 1],
    })
    first.answer({ deliver: 'bench-0-0' })
    second.answer('empty')
    clock.advance(100)
    second.answer({ deliver: 'bench-0-0' })
    first.answer({ refuse: 'Not yours' })
    second.answer('settled')

    expect(heard).toEqual([])
    expect(tally).toMatchObject({ lateSettlesRefused: 1, settled: 0 })
    expect(otherTally).toMatchObject({ redelivered: 1, duplicated: 0, settled: 1 })
  })

  // The first SETTLE reaches the server when the same client holds the message for a second time.
  test('for right when its earlier SETTLE has settled the message', () => {
    const { clock, first, tally, heard } = startConsumers({ pipelines: [2], leaseMs: 1 })
    first.answer({ deliver: 'bench-0-5' }, { deliver: 'bench-0-6' })
    clock.advance(0.3)
    first.answer('settled')
    clock.advance(0.1)
    first.answer('settled')
    first.answer({ deliver: 'bench-0-0' })
    expect(first.asked).toEqual(['acquire', 'settle 0'])
    clock.advance(0.95)
    first.answer({ deliver: 'bench-0-0' }, 'settled')
    clock.advance(0.01)
    first.answer({ refuse: 'Processed already' })

    expect(heard).toEqual([])
    expect(tally).toMatchObject({ redelivered: 1, duplicated: 0, lateSettlesRefused: 1 })
  })
})

describe('ConsumerLoop ends', () => {
  test('after two empty answers with quiet between them, when all is accounted for', () => {
    const { clock, first, heard, accountForAllBut } = startConsumers()
    accountForAllBut(1)
    first.answer({ deliver: 'bench-0-0' })
    first.answer('settled')
    first.answer('empty')
    clock.advance(19.999)
    expect(first.asked).toEqual([])
    clock.advance(0.001)
    expect(first.asked).toEqual(['acquire'])
    expect(heard).toEqual([])
    first.answer('empty')

    expect(heard).toEqual(['0 finished'])
  })

  test('only after answers to what it asked when all was accounted for', () => {
    const { clock, first, tally, heard, accountForAllBut } = startConsumers({ pipelines: [4] })
    accountForAllBut(1)
    first.answer({ deliver: 'bench-0-0' })
    expect(first.asked).toEqual(['acquire', 'acquire', 'acquire', 'settle 0'])
    first.answer('empty', 'empty', 'empty', 'settled')
    expect(first.asked).toEqual(['acquire'])
    expect(tally.empties).toBe(3)
    first.answer('empty')
    clock.advance(20)
    first.answer({ deliver: 'bench-0-5' })
    expect(heard).toEqual([])
    expect(tally.deliveries).toBe(2)
  })

  test('only after probes of its own when another consumer has settled the last message', () => {
    const { first, heard, accountForAllBut } = startConsumers({ pipelines: [4] })
    accountForAllBut(0)
    first.answer('empty')
    first.answer('empty', 'empty', 'empty')

    expect(heard).toEqual([])
    expect(first.asked).toEqual(['acquire'])
  })

  test('after two more empty answers when a duplicate came late', () => {
    const { clock, first, tally, heard, accountForAllBut } = startConsumers()
    accountForAllBut(1)
    first.answer({ deliver: 'bench-0-0' })
    first.answer('settled')
    first.answer('empty')
    clock.advance(20)
    first.answer({ deliver: 'bench-0-0' })
    first.answer({ refuse: 'Processed already' })
    first.answer('empty')
    clock.advance(20)
    expect(heard).toEqual([])
    first.answer('empty')

    expect(heard).toEqual(['0 finished'])
    expect(tally.duplicated).toBe(1)
  })

  test('after a thousand late deliveries, and not later', () => {
    const { first, tally, heard, accountForAllBut } = startConsumers()
    accountForAllBut(1)
    first.answer({ deliver: 'bench-0-0' })
    first.answer('settled')
    for (let late = 0; late < 2000 && heard.length === 0; late += 1) {
      first.answer({ deliver: 'bench-0-0' })
      first.answer('settled')
    }

    expect(heard).toEqual(['0 finished'])
    expect(tally.duplicated).toBe(1001)
  })

  test('with a failure when its connection breaks, once', () => {
    const { first, heard } = startConsumers()
    first.events.closed(new BenchError('CONNECTION_CLOSED', 'Gone'))
    first.events.closed(new BenchError('CONNECTION_CLOSED', 'Gone again'))

    expect(heard).toEqual(['0 failed: Gone'])
  })
})
