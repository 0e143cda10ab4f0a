import type { Lease } from '../ledger/ledger.ts'

/**
 * The messages that a connection holds or has asked to settle, oldest first. They are settled in the
 * order in which they came, and answers come in the order of requests, so that a ring of them is all
 * that is needed to know what is due and what was answered.
 */
export class SettleQueue {
  readonly #messages: Float64Array
  readonly #messageIds: Float64Array
  readonly #acquiredNs: Float64Array
  readonly #leaseUntilNs: Float64Array
  #first = 0
  #size = 0
  /** Messages whose SETTLE was not asked for yet; the newest ones. */
  #held = 0
  /** Of the entry that `shift` took last. */
  shiftedAcquiredNs = 0
  shiftedLeaseUntilNs = 0
  shiftedMessageId = 0

  constructor(capacity: number) {
    this.#messages = new Float64Array(capacity)
    this.#messageIds = new Float64Array(capacity)
    this.#acquiredNs = new Float64Array(capacity)
    this.#leaseUntilNs = new Float64Array(capacity)
  }

  /** `message` is its number in the ledger, negative for a delivery that has none. */
  push(message: number, messageId: number, lease: Pick<Lease, 'readNs' | 'untilNs'>): void {
    if (this.#size === this.#messages.length) {
      throw new RangeError(`More than ${this.#size} messages are held or being settled`)
    }
    const slot = this.#slot(this.#size)
    this.#messages[slot] = message
    this.#messageIds[slot] = messageId
    this.#acquiredNs[slot] = lease.readNs
    this.#leaseUntilNs[slot] = lease.untilNs
    this.#size += 1
    this.#held += 1
  }

  /** Messages whose SETTLE was not asked for yet. */
  get held(): number {
    return this.#held
  }

  /** When the oldest held message was acquired; Infinity when none is held. */
  get heldSinceNs(): number {
    if (this.#held === 0) return Number.POSITIVE_INFINITY
    return this.#acquiredNs[this.#slot(this.#size - this.#held)] ?? 0
  }

  /** Calls `settle` for each held message that was acquired at `acquiredNs` or before, once. */
  release(acquiredNs: number, settle: (message: number, messageId: number) => void): void {
    for (; this.#held > 0; this.#held -= 1) {
      const slot = this.#slot(this.#size - this.#held)
      if ((this.#acquiredNs[slot] ?? 0) > acquiredNs) return
      settle(this.#messages[slot] ?? -1, this.#messageIds[slot] ?? 0)
    }
  }

  /** Takes the oldest entry out; returns its message. */
  shift(): number {
    if (this.#size === this.#held) throw new RangeError('No settle is open')
    const slot = this.#first
    this.#first = this.#slot(1)
    this.#size -= 1
    this.shiftedAcquiredNs = this.#acquiredNs[slot] ?? 0
    this.shiftedLeaseUntilNs = this.#leaseUntilNs[slot] ?? 0
    this.shiftedMessageId = this.#messageIds[slot] ?? 0
    return this.#messages[slot] ?? -1
  }

  #slot(ahead: number): number {
    const slot = this.#first + ahead
    return slot < this.#messages.length ? slot : slot - this.#messages.length
  }
}
