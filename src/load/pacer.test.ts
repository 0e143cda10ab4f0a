import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../clock.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { GRID_NS, nextWake, Pacer, pacerSpins } from './pacer.ts'

const MS = 1e6
const TURN_NS = 10_000

interface Sent {
  readonly dueNs: number
  readonly sentNs: number
}

/** A pacer of messages that are due at these times, in order, and what it sent when. */
function paceOn(clock: Clock, duesNs: readonly number[], spins: boolean) {
  const sent: Sent[] = []
  const sends: number[] = []
  const heard = { looks: 0 }
  const pacer = new Pacer({
    clock,
    spins,
    nextDueNs: () => {
      heard.looks += 1
      return duesNs[sent.length] ?? Number.POSITIVE_INFINITY
    },
    send: nowNs => {
      sends.push(nowNs)
      for (let dueNs = duesNs[sent.length]; dueNs !== undefined && dueNs <= nowNs; ) {
        sent.push({ dueNs, sentNs: nowNs })
        dueNs = duesNs[sent.length]
      }
    },
  })
  return { pacer, sent, sends, heard }
}

const gaps = fc.array(
  fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 300_000 }),
    fc.integer({ min: 1, max: 10 * MS }),
  ),
  { minLength: 1, maxLength: 50 },
)

function sumsOf(gaps: readonly number[]): readonly number[] {
  let sum = 0
  return gaps.map(gap => {
    sum += gap
    return sum
  })
}

describe('nextWake()', () => {
  const due = Number.POSITIVE_INFINITY
  test.each([
    { aheadNs: 0, spins: true, wake: { kind: 'send' } },
    { aheadNs: -5 * MS, spins: true, wake: { kind: 'send' } },
    { aheadNs: 1, spins: true, wake: { kind: 'spin' } },
    { aheadNs: 2 * MS, spins: true, wake: { kind: 'spin' } },
    { aheadNs: 2 * MS + 1, spins: true, wake: { kind: 'sleep', ms: 1 } },
    { aheadNs: 3.4 * MS, spins: true, wake: { kind: 'sleep', ms: 1 } },
    { aheadNs: 3.5 * MS, spins: true, wake: { kind: 'sleep', ms: 2 } },
    { aheadNs: 100 * MS, spins: true, wake: { kind: 'sleep', ms: 98 } },
    { aheadNs: due, spins: true, wake: { kind: 'idle' } },
    { aheadNs: 0, spins: false, wake: { kind: 'send' } },
    { aheadNs: 1, spins: false, wake: { kind: 'sleep', ms: 1 } },
    { aheadNs: 1 * MS, spins: false, wake: { kind: 'sleep', ms: 1 } },
    { aheadNs: 1 * MS + 1, spins: false, wake: { kind: 'sleep', ms: 2 } },
    { aheadNs: due, spins: false, wake: { kind: 'idle' } },
    // Node fires a timer that is too long for it at once.
    { aheadNs: 1e9 * MS, spins: true, wake: { kind: 'sleep', ms: 60_000 } },
    { aheadNs: 1e9 * MS, spins: false, wake: { kind: 'sleep', ms: 60_000 } },
  ])('$aheadNs ns before the due time is $wake, with spins: $spins', ({ aheadNs, spins, wake }) => {
    expect(nextWake(7, 7 + aheadNs, spins)).toEqual(wake)
  })
})

describe.each([
  { spins: true, lateNsMax: GRID_NS + TURN_NS },
  { spins: false, lateNsMax: 1 * MS },
])('Pacer with spins: $spins', ({ spins, lateNsMax }) => {
  test('sends everything in order, never early and never later than it must', () => {
    fc.assert(
      fc.property(gaps, gaps => {
        const clock = new ManualClock()
        const duesNs = sumsOf(gaps)
        const { pacer, sent, sends } = paceOn(clock, duesNs, spins)
        pacer.start()
        clock.advance(600)
        expect(sent.map(({ dueNs }) => dueNs)).toEqual(duesNs)
        for (const { dueNs, sentNs } of sent) {
          expect(sentNs).toBeGreaterThanOrEqual(dueNs)
          expect(sentNs - dueNs).toBeLessThanOrEqual(lateNsMax)
        }
        const spacings = sends.map((sentNs, at) => sentNs - (sends[at - 1] ?? -MS))
        expect(Math.min(...spacings)).toBeGreaterThanOrEqual(GRID_NS)
        expect(clock.pendingTimers, 'nothing is left to wait for').toBe(0)
      }),
    )
  })

  test('sends at its start what is due, all of it at once', () => {
    const clock = new ManualClock()
    clock.advance(5)
    const { pacer, sends, sent } = paceOn(clock, [1, 2, 5 * MS, 5 * MS + 1], spins)
    pacer.start()
    pacer.start()
    expect(sends).toEqual([5 * MS])
    expect(sent).toHaveLength(3)
  })

  test('sleeps while nothing is due for long', () => {
    const clock = new ManualClock()
    const { pacer, sent, heard } = paceOn(clock, [10_000 * MS], spins)
    pacer.start()
    clock.advance(9997)
    expect(heard.looks).toBe(1)
    clock.advance(3)
    expect(sent).toHaveLength(1)
    expect(heard.looks).toBeLessThan(250)
  })

  test('arms nothing when nothing is due, until it is woken', () => {
    const clock = new ManualClock()
    const duesNs: number[] = []
    const { pacer, sent } = paceOn(clock, duesNs, spins)
    pacer.start()
    expect(clock.pendingTimers).toBe(0)
    duesNs.push(3 * MS)
    pacer.wake()
    pacer.wake()
    expect(clock.pendingTimers).toBe(1)
    clock.advance(3)
    expect(sent).toEqual([{ dueNs: 3 * MS, sentNs: 3 * MS }])
  })

  test('wake() makes it look again in the next turn while it sleeps', () => {
    const clock = new ManualClock()
    const duesNs = [1000 * MS]
    const { pacer, sent } = paceOn(clock, duesNs, spins)
    pacer.start()
    clock.advance(100)
    duesNs.unshift(50 * MS)
    pacer.wake()
    clock.advance(0)
    expect(sent).toEqual([{ dueNs: 50 * MS, sentNs: 100 * MS }])
    expect(clock.pendingTimers).toBe(1)
  })

  test.each([0, 0.05, 1, 4.9])(
    'stop() after %d ms leaves no timer, and nothing is sent',
    afterMs => {
      const clock = new ManualClock()
      const { pacer, sent } = paceOn(clock, [5 * MS, 6 * MS], spins)
      pacer.start()
      clock.advance(afterMs)
      pacer.stop()
      pacer.stop()
      expect(clock.pendingTimers).toBe(0)
      pacer.wake()
      clock.advance(100)
      expect(sent).toEqual([])
      expect(clock.pendingTimers).toBe(0)
    },
  )

  test('stop() and wake() may come while it sends', () => {
    const clock = new ManualClock()
    const sends: number[] = []
    const pacer = new Pacer({
      clock,
      spins,
      nextDueNs: () => 0,
      send: nowNs => {
        sends.push(nowNs)
        pacer.wake()
        expect(clock.pendingTimers).toBe(1)
        if (sends.length === 3) pacer.stop()
      },
    })
    pacer.start()
    clock.advance(100)
    expect(sends).toHaveLength(3)
    expect(clock.pendingTimers).toBe(0)
  })

  test('asks again in vain no faster than it may send, when nothing can be sent', () => {
    const clock = new ManualClock()
    const sends: number[] = []
    const send = (nowNs: number) => sends.push(nowNs)
    const pacer = new Pacer({ clock, spins, nextDueNs: () => 0, send })
    pacer.start()
    clock.advance(10)
    expect(sends.length).toBeGreaterThanOrEqual(10)
    expect(sends.length).toBeLessThanOrEqual(41)
    pacer.stop()
  })

  test('is never early by the clock of the machine either', async () => {
    const startNs = systemClock.nowNs()
    const duesNs = Array.from({ length: 200 }, (_, at) => startNs + at * 0.13 * MS)
    duesNs.push(startNs + 40 * MS, startNs + 40 * MS)
    const { pacer, sent } = paceOn(systemClock, duesNs, spins)
    pacer.start()
    await expect.poll(() => sent, { interval: 5 }).toHaveLength(duesNs.length)
    expect(sent.map(({ dueNs }) => dueNs)).toEqual(duesNs)
    for (const { dueNs, sentNs } of sent) expect(sentNs).toBeGreaterThanOrEqual(dueNs)
  })
})

test('pacerSpins() leaves one core to the server', () => {
  expect(pacerSpins(2, 1)).toBe(true)
  expect(pacerSpins(2, 2)).toBe(false)
  expect(pacerSpins(1, 1)).toBe(false)
  expect(pacerSpins(8, 7)).toBe(true)
})
