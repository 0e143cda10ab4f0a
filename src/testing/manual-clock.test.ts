import { describe, expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'

describe('ManualClock.nextTurn()', () => {
  test('calls back once, when time is advanced by 0', () => {
    const clock = new ManualClock()
    const turns: number[] = []
    clock.nextTurn(() => turns.push(clock.nowNs()))
    expect(turns).toEqual([])
    clock.advance(0)
    clock.advance(1)
    expect(turns).toEqual([0])
    expect(clock.pendingTimers).toBe(0)
  })

  test('takes 10 µs a turn, which all share who wait for it', () => {
    const clock = new ManualClock()
    const turns: string[] = []
    const go = (name: string) => {
      turns.push(`${name} ${clock.nowNs()}`)
      clock.nextTurn(() => go(name))
    }
    go('first')
    go('second')
    clock.advance(0)
    clock.advance(0.01)
    clock.advance(0)
    const times = [0, 0, 10_000]
    expect(turns).toEqual(times.flatMap(timeNs => [`first ${timeNs}`, `second ${timeNs}`]))
  })

  test('can be cancelled, also by another turn', () => {
    const clock = new ManualClock()
    const turns: string[] = []
    clock.nextTurn(() => {
      turns.push('first')
      second.cancel()
    })
    const second = clock.nextTurn(() => turns.push('second'))
    clock.advance(1)
    expect(turns).toEqual(['first'])
  })
})
