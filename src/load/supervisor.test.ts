import { describe, expect, test } from 'vitest'
import { Supervisor } from './supervisor.ts'

const LIMITS = { stallTimeoutMs: 100, timeoutMs: 1000 }
const MS = 1e6
const NOTHING = { acknowledged: 0, delivered: 0, settled: 0 }
const noLease = () => 0

describe('Supervisor.look()', () => {
  test('is stalled after stallTimeoutMs without progress, and not before', () => {
    const supervisor = new Supervisor(LIMITS, 50 * MS)

    expect(supervisor.look(NOTHING, 149 * MS, noLease)).toEqual({ kind: 'running' })
    expect(supervisor.look(NOTHING, 150 * MS, noLease)).toEqual({ kind: 'stalled', quietMs: 100 })
  })

  test.each(['acknowledged', 'settled'])('counts again from the last %s message', name => {
    const supervisor = new Supervisor(LIMITS, 0)
    supervisor.look({ ...NOTHING, [name]: 1 }, 90 * MS, noLease)

    const progress = { ...NOTHING, [name]: 1 }
    expect(supervisor.look(progress, 189 * MS, noLease).kind).toBe('running')
    expect(supervisor.look(progress, 190 * MS, noLease).kind).toBe('stalled')
  })

  test('does not take deliveries for progress', () => {
    const supervisor = new Supervisor(LIMITS, 0)
    supervisor.look({ ...NOTHING, delivered: 5 }, 90 * MS, noLease)

    expect(supervisor.look({ ...NOTHING, delivered: 9 }, 100 * MS, noLease).kind).toBe('stalled')
  })

  test('counts from the end of the last lease, and says how long it was quiet', () => {
    const supervisor = new Supervisor(LIMITS, 0)
    const lease = () => 300 * MS

    expect(supervisor.look(NOTHING, 399 * MS, lease)).toEqual({ kind: 'running' })
    expect(supervisor.look(NOTHING, 400 * MS, lease)).toEqual({ kind: 'stalled', quietMs: 400 })
  })

  test('asks for leases only when everything else speaks for a stall', () => {
    const supervisor = new Supervisor(LIMITS, 0)
    const asked = () => expect.unreachable()

    expect(supervisor.look(NOTHING, 99 * MS, asked).kind).toBe('running')
  })

  test('is timed out after timeoutMs, whatever the progress and the leases', () => {
    const supervisor = new Supervisor(LIMITS, 0)
    const progress = { ...NOTHING, settled: 1 }

    expect(supervisor.look(progress, 999 * MS, () => 5000 * MS)).toEqual({ kind: 'running' })
    expect(supervisor.look(progress, 1000 * MS, () => 5000 * MS)).toEqual({ kind: 'timed-out' })
  })
})

describe('Supervisor.look() at an open loop', () => {
  const limits = { ...LIMITS, waitsForSchedule: true }

  test('is not stalled while all that was acknowledged is settled', () => {
    const supervisor = new Supervisor(limits, 0)
    const idle = { acknowledged: 5, delivered: 5, settled: 5 }

    for (const nowMs of [0, 150, 500, 999]) {
      expect(supervisor.look(idle, nowMs * MS, noLease).kind).toBe('running')
    }
    expect(supervisor.look(idle, 1000 * MS, noLease).kind).toBe('timed-out')
  })

  test('is stalled when a message lies there for so long', () => {
    const supervisor = new Supervisor(limits, 0)
    supervisor.look({ acknowledged: 5, delivered: 5, settled: 5 }, 90 * MS, noLease)
    const waiting = { acknowledged: 6, delivered: 5, settled: 5 }

    expect(supervisor.look(waiting, 200 * MS, noLease).kind).toBe('running')
    expect(supervisor.look(waiting, 299 * MS, noLease).kind).toBe('running')
    expect(supervisor.look(waiting, 300 * MS, noLease).kind).toBe('stalled')
  })
})

describe('Supervisor.excuse()', () => {
  test('is no stall, however long it takes, until timeoutMs', () => {
    const supervisor = new Supervisor(LIMITS, 0)
    for (let nowMs = 0; nowMs < 1000; nowMs += 50) {
      supervisor.excuse(nowMs * MS)
      expect(supervisor.look(NOTHING, nowMs * MS, noLease).kind).toBe('running')
    }
    supervisor.excuse(1000 * MS)
    expect(supervisor.look(NOTHING, 1000 * MS, noLease).kind).toBe('timed-out')
  })
})
