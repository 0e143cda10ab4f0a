import type { Lease } from '../ledger/ledger.ts'

/**
 * The SETTLEs of a connection that have no answer yet, oldest first: answers come in order, so a
 * ring of what was asked is all that is needed to know what was answered.
 */
export class SettleQueue {
  readonly #messages: Float64Array
  readonly #messageIds: Float64Array
  readonly #acquiredNs: Float64Array
  readonly #leaseUntilNs: Float64Array
  #first = 0
  #size = 0
  /** Entries whose SETTLE has not left yet; the newest ones. */
  #unsent = 0
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
      throw new RangeError(`More than ${this.#size} settles are open`)
    }
    const slot = this.#slot(this.#size)
    this.#messages[slot] = message
    this.#messageIds[slot] = messageId
    this.#acquiredNs[slot] = lease.readNs
    this.#leaseUntilNs[slot] = lease.untilNs
    this.#size += 1
    this.#unsent += 1
  }

  /** Calls `visit` for each message whose SETTLE is about to leave, once. */
  send(visit: (message: number) => void): void {
    for (; this.#unsent > 0; this.#unsent -= 1) {
      const message = this.#messages[this.#slot(this.#size - this.#unsent)] ?? -1
      if (message >= 0) visit(message)
    }
  }

  /** Takes the oldest entry out; returns its message. */
  shift(): number {
    if (this.#size === this.#unsent) throw new RangeError('No settle is open')
    const slot = this.#first
    this.#first = this.#slot(1)
    this.#size -= 1
    this.shiftedAcquiredNs = this.#acquiredNs[slot] ?? 0
    this.shiftedLeaseUntilNs = this.#leaseUntilNs[slot] ?? 0
    this.shiftedMessageId = this.#messageIds[slot] ?? 0
    return this.#messages[slot] ?? -1
  }

  #slot(ahead: number): number {
    return (this.#first + ahead) % this.#messages.length
  }
}
