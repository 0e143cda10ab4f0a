import { describe, expect, test } from 'vitest'
import { SettleQueue } from './settle-queue.ts'

const LEASE = { readNs: 10, untilNs: 110 }

describe('SettleQueue', () => {
  test('gives back what was put in, oldest first, round and round', () => {
    const queue = new SettleQueue(3)
    for (let message = 0; message < 10; message += 1) {
      queue.push(message, 100 + message, { readNs: message, untilNs: 1000 + message })
      queue.push(-2, 0, LEASE)
      queue.release(1000, () => {})
      expect(queue.shift()).toBe(message)
      expect(queue.shiftedMessageId).toBe(100 + message)
      expect(queue.shiftedAcquiredNs).toBe(message)
      expect(queue.shiftedLeaseUntilNs).toBe(1000 + message)
      expect(queue.shift()).toBe(-2)
    }
  })

  test('push() throws when it is full', () => {
    const queue = new SettleQueue(2)
    queue.push(1, 1, LEASE)
    queue.push(2, 2, LEASE)

    expect(() => queue.push(3, 3, LEASE)).toThrow('More than 2 messages are held or being settled')
  })

  test('shift() throws when nothing is open, or nothing of it has left', () => {
    const queue = new SettleQueue(2)
    expect(() => queue.shift()).toThrow('No settle is open')
    queue.push(1, 1, LEASE)
    expect(() => queue.shift()).toThrow('No settle is open')
  })

  test('release() gives each message once, none that came later than asked for', () => {
    const queue = new SettleQueue(4)
    const released: [number, number][] = []
    const release = (acquiredNs: number) =>
      queue.release(acquiredNs, (message, messageId) => released.push([message, messageId]))
    queue.push(7, 1, LEASE)
    queue.push(-1, 2, LEASE)
    queue.push(8, 3, { ...LEASE, readNs: 20 })
    expect([queue.held, queue.heldSinceNs]).toEqual([3, 10])
    release(9)
    expect(released).toEqual([])
    release(19)
    expect([queue.held, queue.heldSinceNs]).toEqual([1, 20])
    queue.push(9, 4, { ...LEASE, readNs: 30 })
    release(30)
    release(30)

    expect(released).toEqual([
      [7, 1],
      [-1, 2],
      [8, 3],
      [9, 4],
    ])
    expect([queue.held, queue.heldSinceNs]).toEqual([0, Number.POSITIVE_INFINITY])
  })
})
