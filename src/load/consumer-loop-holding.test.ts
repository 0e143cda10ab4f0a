import { describe, expect, test } from 'vitest'
import { startConsumers } from '../testing/started-consumers.ts'

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
