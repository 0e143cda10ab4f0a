import { IdHeap } from './id-heap.ts'
import { LeaseHeap } from './lease-heap.ts'
import { segmentedBytes, segmentedWords } from './segmented-array.ts'

/** The third accepted failure makes a message dead. */
export const FAILURES_MAX = 3

const WAITING = 0
const LEASED = 1
const PROCESSED = 2
const DEAD = 3
const STATUS_MASK = 3
const FAILURES_SHIFT = 2

export type SettleOutcome = 'settled' | 'not-owner' | 'never-produced' | 'never-leased' | 'final'

export interface GroupCounters {
  readonly pending: number
  readonly leased: number
  readonly processed: number
  readonly dead: number
  /** Leases that ran out unsettled. */
  readonly expired: number
}

/**
 * One consumer group's view of a log: which messages wait, are leased, processed or dead. No I/O
 * and no clock: time comes in with every call and must not go back. Clients are numbers from 1.
 *
 * Every operation costs O(log n) in the leases that run or came back, whatever the backlog.
 */
export class Group {
  /** Status in the low two bits, accepted failures above. */
  readonly #states = segmentedBytes()
  /** Who leased a message last; 0 when nobody has a claim on it. */
  readonly #owners = segmentedWords()
  readonly #leases = new LeaseHeap(segmentedWords())
  /** Messages below `#next` that can be leased again. Those settled meanwhile are passed over. */
  readonly #returned = new IdHeap()
  /** The lowest id that was never leased. */
  #next = 0
  #processed = 0
  #dead = 0
  #expired = 0

  /** Leases the lowest message that can be had among `appended` ones; returns its id, or -1. */
  acquire(client: number, leaseNs: number, nowNs: number, appended: number): number {
    this.expire(nowNs)
    const id = this.#takeLowest(appended)
    if (id < 0) return -1
    this.#setStatus(id, LEASED)
    this.#owners.set(id, client)
    this.#leases.add(id, nowNs + leaseNs)
    return id
  }

  /** Anything but `settled` has changed nothing. */
  settle(
    id: number,
    client: number,
    success: boolean,
    nowNs: number,
    appended: number,
  ): SettleOutcome {
    this.expire(nowNs)
    if (id >= appended) return 'never-produced'
    const status = this.#states.get(id) & STATUS_MASK
    if (status === PROCESSED || status === DEAD) return 'final'
    if (id >= this.#next) return 'never-leased'
    // An expired lease still counts for its last owner, until somebody else has leased it.
    if (this.#owners.get(id) !== client) return 'not-owner'
    this.#owners.set(id, 0)
    if (status === LEASED) this.#leases.remove(id)
    if (success) {
      this.#setStatus(id, PROCESSED)
      this.#processed += 1
    } else {
      this.#fail(id, status === LEASED)
    }
    return 'settled'
  }

  /** Makes the messages of all leases that have run out at `nowNs` available again. */
  expire(nowNs: number): void {
    for (let id = this.#leases.expiredAt(nowNs); id >= 0; id = this.#leases.expiredAt(nowNs)) {
      this.#leases.remove(id)
      this.#setStatus(id, WAITING)
      this.#returned.add(id)
      this.#expired += 1
    }
  }

  counters(nowNs: number, appended: number): GroupCounters {
    this.expire(nowNs)
    const leased = this.#leases.size
    return {
      pending: appended - leased - this.#processed - this.#dead,
      leased,
      processed: this.#processed,
      dead: this.#dead,
      expired: this.#expired,
    }
  }

  #takeLowest(appended: number): number {
    while (this.#returned.size > 0) {
      const id = this.#returned.pop()
      if ((this.#states.get(id) & STATUS_MASK) === WAITING) return id
    }
    if (this.#next >= appended) return -1
    this.#next += 1
    return this.#next - 1
  }

  #fail(id: number, wasLeased: boolean): void {
    const failures = (this.#states.get(id) >>> FAILURES_SHIFT) + 1
    const status = failures >= FAILURES_MAX ? DEAD : WAITING
    this.#states.set(id, (failures << FAILURES_SHIFT) | status)
    if (status === DEAD) this.#dead += 1
    // After an expiry it has been returned already.
    else if (wasLeased) this.#returned.add(id)
  }

  #setStatus(id: number, status: number): void {
    this.#states.set(id, (this.#states.get(id) & ~STATUS_MASK) | status)
  }
}
