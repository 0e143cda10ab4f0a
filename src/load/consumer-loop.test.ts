import { describe, expect, test } from 'vitest'
import { BenchError } from '../errors.ts'
import { startConsumers } from '../testing/started-consumers.ts'

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
