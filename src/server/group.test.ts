import { describe, expect, test } from 'vitest'
import { Group } from './group.ts'
import { SegmentedArray } from './segmented-array.ts'

const ANNA = 1
const BEN = 2

describe('Group.acquire()', () => {
  test('leases messages in order and none twice', () => {
    const group = new Group()
    expect([0, 1, 2].map(() => group.acquire(ANNA, 100, 0, 3))).toEqual([0, 1, 2])
    expect(group.acquire(BEN, 100, 0, 3)).toBe(-1)
  })

  test('finds what was appended after the group had drained', () => {
    const group = new Group()
    expect(group.acquire(ANNA, 100, 0, 0)).toBe(-1)
    expect(group.acquire(ANNA, 100, 0, 1)).toBe(0)
    expect(group.acquire(ANNA, 100, 0, 2)).toBe(1)
  })

  test('leases the lowest id first after failures', () => {
    const group = leasedGroup({ messages: 6, appended: 8 })
    for (const id of [4, 1, 3]) group.settle(id, ANNA, false, 0, 8)
    expect([0, 1, 2, 3].map(() => group.acquire(BEN, 100, 0, 8))).toEqual([1, 3, 4, 6])
  })

  test('leases the lowest id first after expiry, whichever lease ran out first', () => {
    const group = new Group()
    for (const leaseNs of [30, 10, 20]) group.acquire(ANNA, leaseNs, 0, 4)
    expect([0, 1, 2, 3].map(() => group.acquire(BEN, 100, 30, 4))).toEqual([0, 1, 2, 3])
  })

  test('keeps a lease until exactly its end', () => {
    const group = new Group()
    group.acquire(ANNA, 100, 7, 1)
    expect(group.acquire(BEN, 100, 106, 1)).toBe(-1)
    expect(group.acquire(BEN, 100, 107, 1)).toBe(0)
  })
})

describe('Group.settle()', () => {
  test('makes a message processed for good', () => {
    const group = leasedGroup({ messages: 1 })
    expect(group.settle(0, ANNA, true, 0, 1)).toBe('settled')
    expect(group.settle(0, ANNA, true, 0, 1)).toBe('final')
    expect(group.settle(0, ANNA, false, 0, 1)).toBe('final')
    expect(group.acquire(ANNA, 100, 1e9, 1)).toBe(-1)
  })

  test('makes a message dead with the third failure, for good', () => {
    const group = new Group()
    for (let failure = 1; failure <= 3; failure += 1) {
      expect(group.acquire(failure, 100, 0, 1)).toBe(0)
      expect(group.settle(0, failure, false, 0, 1)).toBe('settled')
    }
    expect(group.acquire(ANNA, 100, 1e9, 1)).toBe(-1)
    expect(group.settle(0, 3, true, 1e9, 1)).toBe('final')
    expect(group.counters(1e9, 1)).toMatchObject({ pending: 0, leased: 0, processed: 0, dead: 1 })
  })

  test('does not count an expiry as a failure', () => {
    const group = new Group()
    for (let round = 0; round < 5; round += 1) {
      expect(group.acquire(ANNA, 10, round * 10, 1)).toBe(0)
    }
    expect(group.settle(0, ANNA, true, 45, 1)).toBe('settled')
    expect(group.counters(45, 1)).toMatchObject({ processed: 1, expired: 4 })
  })

  test('refuses everyone but the owner of the lease', () => {
    const group = leasedGroup({ messages: 1 })
    expect(group.settle(0, BEN, true, 0, 1)).toBe('not-owner')
    expect(group.settle(0, ANNA, true, 0, 1)).toBe('settled')
  })

  test('lets the last owner settle after expiry while nobody else has leased', () => {
    for (const success of [true, false]) {
      const group = leasedGroup({ messages: 1, leaseNs: 10 })
      expect(group.settle(0, BEN, success, 50, 1)).toBe('not-owner')
      expect(group.settle(0, ANNA, success, 50, 1)).toBe('settled')
      expect(group.acquire(BEN, 10, 50, 1)).toBe(success ? -1 : 0)
      expect(group.acquire(BEN, 10, 50, 1), 'returned once only').toBe(-1)
    }
  })

  test('refuses the last owner once somebody else has leased', () => {
    const group = leasedGroup({ messages: 1, leaseNs: 10 })
    expect(group.acquire(BEN, 100, 10, 1)).toBe(0)
    expect(group.settle(0, ANNA, true, 11, 1)).toBe('not-owner')
    expect(group.settle(0, BEN, true, 11, 1)).toBe('settled')
  })

  test('takes the claim of an owner who failed the message', () => {
    const group = leasedGroup({ messages: 1 })
    group.settle(0, ANNA, false, 0, 1)
    expect(group.settle(0, ANNA, true, 0, 1)).toBe('not-owner')
  })

  test('refuses what was never produced or never leased', () => {
    const group = leasedGroup({ messages: 1, appended: 2 })
    expect(group.settle(1, ANNA, true, 0, 2)).toBe('never-leased')
    expect(group.settle(2, ANNA, true, 0, 2)).toBe('never-produced')
    expect(group.settle(Number.MAX_SAFE_INTEGER, ANNA, true, 0, 2)).toBe('never-produced')
    expect(group.counters(0, 2)).toMatchObject({ pending: 1, leased: 1, processed: 0 })
  })
})

describe('the cost of a Group', () => {
  test('does not grow with the backlog, with live leases, or behind a long lease', () => {
    const messages = 200_000
    const group = new Group()
    expect(group.acquire(BEN, 1e12, 0, messages)).toBe(0)
    for (let lease = 1; lease <= 10_000; lease += 1) group.acquire(BEN, 1e9 + lease, 0, messages)

    const accesses = countingAccesses(() => {
      for (let id = 10_001; id < messages; id += 1) {
        if (group.acquire(ANNA, 1e9, id, messages) !== id) throw new Error(`Not message ${id}`)
        if (group.settle(id, ANNA, true, id, messages) !== 'settled') throw new Error('Refused')
      }
    })
    // About ten to read and set status, owner and place in the heap, and 14 levels of it at most.
    expect(accesses / messages).toBeLessThan(40)
  })

  test('of an expiry of all leases is spread over the messages that come back', () => {
    const messages = 100_000
    const group = new Group()
    for (let id = 0; id < messages; id += 1) group.acquire(ANNA, 1000 - (id % 1000), 0, messages)

    const accesses = countingAccesses(() => {
      for (let id = 0; id < messages; id += 1) {
        if (group.acquire(BEN, 1e9, 1000, messages) !== id) throw new Error(`Not message ${id}`)
      }
    })
    // Taking out and putting in again, 17 levels each.
    expect(accesses / messages).toBeLessThan(80)
  })
})

function leasedGroup(options: { messages: number; appended?: number; leaseNs?: number }): Group {
  const { messages, appended = messages, leaseNs = 100 } = options
  const group = new Group()
  for (let id = 0; id < messages; id += 1) group.acquire(ANNA, leaseNs, 0, appended)
  return group
}

/** Reads and writes of the arrays that hold the state of messages while `act` runs. */
function countingAccesses(act: () => void): number {
  const prototype = SegmentedArray.prototype as SegmentedArray<Uint8Array>
  const { get, set } = prototype
  let accesses = 0
  prototype.get = function (index) {
    accesses += 1
    return get.call(this, index)
  }
  prototype.set = function (index, value) {
    accesses += 1
    set.call(this, index, value)
  }
  try {
    act()
  } finally {
    prototype.get = get
    prototype.set = set
  }
  return accesses
}
