/**
 * The SETTLEs of a connection that have no answer yet, oldest first: answers come in order, so a
 * ring of what was asked is all that is needed to know what was answered.
 */
export class SettleQueue {
  readonly #messages: Float64Array
  readonly #messageIds: Float64Array
  readonly #acquiredNs: Float64Array
  #first = 0
  #size = 0
  /** Of the entry that `shift` took last. */
  shiftedAcquiredNs = 0
  shiftedMessageId = 0

  constructor(capacity: number) {
    this.#messages = new Float64Array(capacity)
    this.#messageIds = new Float64Array(capacity)
    this.#acquiredNs = new Float64Array(capacity)
  }

  /** `message` is its number in the ledger, negative for a delivery that has none. */
  push(message: number, messageId: number, acquiredNs: number): void {
    if (this.#size === this.#messages.length) {
      throw new RangeError(`More than ${this.#size} settles are open`)
    }
    const slot = (this.#first + this.#size) % this.#messages.length
    this.#messages[slot] = message
    this.#messageIds[slot] = messageId
    this.#acquiredNs[slot] = acquiredNs
    this.#size += 1
  }

  /** Takes the oldest entry out; returns its message. */
  shift(): number {
    const slot = this.#first
    this.#first = (slot + 1) % this.#messages.length
    this.#size -= 1
    this.shiftedAcquiredNs = this.#acquiredNs[slot] ?? 0
    this.shiftedMessageId = this.#messageIds[slot] ?? 0
    return this.#messages[slot] ?? -1
  }
}
