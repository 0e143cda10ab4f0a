/** Slots of the memory that all threads of a phase and its coordinator share. */
const ACKNOWLEDGED = 0
const DELIVERED = 1
const SETTLED = 2
const QUEUE_DEPTH = 3
const IN_FLIGHT = 4
const SENT = 5
const PRODUCERS_FINISHED = 6
const SLOTS = 7

export interface Progress {
  readonly acknowledged: number
  /** All deliveries, repeated ones too. */
  readonly delivered: number
  /** Messages settled at least once. */
  readonly settled: number
}

/** Counters of a phase across threads; each thread adds to them once per read, not per message. */
export class Board {
  readonly shared: SharedArrayBuffer
  readonly #slots: Int32Array

  constructor(shared = new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared
    this.#slots = new Int32Array(shared)
  }

  addAcknowledged(count: number): void {
    Atomics.add(this.#slots, ACKNOWLEDGED, count)
  }

  addConsumed(delivered: number, settled: number): void {
    if (delivered > 0) Atomics.add(this.#slots, DELIVERED, delivered)
    if (settled > 0) Atomics.add(this.#slots, SETTLED, settled)
  }

  /** Returns the depth before; a counter peaks only where it rises, so maxima of these are exact. */
  addQueueDepth(change: number): number {
    return Atomics.add(this.#slots, QUEUE_DEPTH, change)
  }

  addInFlight(change: number): number {
    return Atomics.add(this.#slots, IN_FLIGHT, change)
  }

  progress(): Progress {
    return {
      acknowledged: Atomics.load(this.#slots, ACKNOWLEDGED),
      delivered: Atomics.load(this.#slots, DELIVERED),
      settled: Atomics.load(this.#slots, SETTLED),
    }
  }

  /** A producer sends nothing more, and all that it `sent` is answered. */
  finishProducer(sent: number): void {
    Atomics.add(this.#slots, SENT, sent)
    // Only now, so that whoever sees all producers finished sees all that they sent.
    Atomics.add(this.#slots, PRODUCERS_FINISHED, 1)
  }

  /**
   * Whether all `producers` have finished and each message that they sent is settled: counts of
   * messages, not of events.
   */
  allAccounted(producers: number): boolean {
    return (
      Atomics.load(this.#slots, PRODUCERS_FINISHED) === producers &&
      Atomics.load(this.#slots, SETTLED) === Atomics.load(this.#slots, SENT)
    )
  }
}
