/** What the ledger knows of one message, in arrays that all load threads share. */
interface Marks {
  /** When its PRODUCE was due; 0 while it was not sent. */
  readonly dueNs: Float64Array
  /** Until when the last lease runs for certain: its ACQUIRE_NEXT sent + the lease. */
  readonly leaseUntilNs: Float64Array
  /** Consumer that certainly holds it, counted from 1; 0 for nobody. */
  readonly holder: Int32Array
  readonly acknowledged: Uint8Array
  readonly deliveries: Uint8Array
  readonly settles: Uint8Array
  /** Whether any delivery of it was one that should not have been. */
  readonly suspect: Uint8Array
}

export const LEDGER_BYTES_PER_MESSAGE = 24

/** How a delivery compares with what was known before it. */
export type Delivery =
  /** The first one. */
  | 'first'
  /** The earlier lease has run out. */
  | 'redelivered'
  /** Nothing explains it: the earlier lease still ran, or the message was settled. */
  | 'duplicated'
  /** Duplicated, and the earlier consumer certainly held its lease at that moment. */
  | 'overlapping'
  /** Never sent. */
  | 'unexpected'

/**
 * The truth of a run: what was sent, acknowledged, delivered and settled, message by message.
 *
 * Times decide what may be claimed. A lease was granted somewhere between its request and its
 * answer, so it certainly runs from the answer until request + duration; a second delivery within
 * that span is proof, a later one is not.
 */
export class Ledger {
  readonly msgs: number
  readonly shared: SharedArrayBuffer
  readonly #marks: Marks

  /** Takes memory for `msgs` messages, or looks at memory that another thread has taken. */
  constructor(msgs: number, shared = new SharedArrayBuffer(msgs * LEDGER_BYTES_PER_MESSAGE)) {
    this.msgs = msgs
    this.shared = shared
    const bytes = (from: number) => new Uint8Array(shared, from * msgs, msgs)
    this.#marks = {
      dueNs: new Float64Array(shared, 0, msgs),
      leaseUntilNs: new Float64Array(shared, 8 * msgs, msgs),
      holder: new Int32Array(shared, 16 * msgs, msgs),
      acknowledged: bytes(20),
      deliveries: bytes(21),
      settles: bytes(22),
      suspect: bytes(23),
    }
  }

  sent(message: number, dueNs: number): void {
    this.#marks.dueNs[message] = dueNs
  }

  dueNs(message: number): number {
    return this.#marks.dueNs[message] ?? 0
  }

  acknowledged(message: number): void {
    this.#marks.acknowledged[message] = 1
  }

  /** `consumer` counts from 1; `leaseUntilNs` is when its request was sent + the lease. */
  delivered(message: number, consumer: number, leaseUntilNs: number, nowNs: number): Delivery {
    const marks = this.#marks
    if ((marks.dueNs[message] ?? 0) === 0) return 'unexpected'
    const earlier = Atomics.add(marks.deliveries, message, 1)
    const holder = Atomics.exchange(marks.holder, message, consumer)
    const earlierLeaseUntilNs = marks.leaseUntilNs[message] ?? 0
    marks.leaseUntilNs[message] = leaseUntilNs
    if (earlier === 0) return 'first'
    const settled = (marks.settles[message] ?? 0) > 0
    if (!settled && nowNs >= earlierLeaseUntilNs) return 'redelivered'
    marks.suspect[message] = 1
    // Our own lease must run too: of an answer read late it is unknown which lease came first.
    const overlaps = holder !== 0 && nowNs < earlierLeaseUntilNs && nowNs < leaseUntilNs
    return overlaps ? 'overlapping' : 'duplicated'
  }

  /** Must come before the SETTLE is sent: from then on the lease is no longer certain. */
  settleSent(message: number): void {
    Atomics.store(this.#marks.holder, message, 0)
  }

  /** Returns whether this was the first accepted SETTLE of the message. */
  settled(message: number): boolean {
    return Atomics.add(this.#marks.settles, message, 1) === 0
  }

  /** Whether a SETTLE may be refused rightly: the lease may have run out, or a delivery was odd. */
  mayRefuseSettle(message: number, nowNs: number): boolean {
    const marks = this.#marks
    return (marks.suspect[message] ?? 0) > 0 || nowNs >= (marks.leaseUntilNs[message] ?? 0)
  }

  /** When the last lease of an unsettled message ends for certain; 0 when there is none. */
  lastLeaseUntilNs(): number {
    const { leaseUntilNs, settles } = this.#marks
    let last = 0
    for (let message = 0; message < this.msgs; message += 1) {
      const untilNs = leaseUntilNs[message] ?? 0
      if (untilNs > last && settles[message] === 0) last = untilNs
    }
    return last
  }

  /** One pass over all messages. */
  count(): LedgerCounts {
    const { acknowledged, deliveries, settles, dueNs } = this.#marks
    const counts = { sent: 0, produced: 0, settled: 0, settledTwice: 0, missing: 0, waiting: 0 }
    for (let message = 0; message < this.msgs; message += 1) {
      const settlesOfMessage = settles[message] ?? 0
      const isAcknowledged = acknowledged[message] === 1
      if ((dueNs[message] ?? 0) !== 0) counts.sent += 1
      if (isAcknowledged) counts.produced += 1
      if (settlesOfMessage > 0) counts.settled += 1
      if (settlesOfMessage > 1) counts.settledTwice += settlesOfMessage - 1
      if (isAcknowledged && settlesOfMessage === 0) {
        counts.missing += 1
        if ((deliveries[message] ?? 0) === 0) counts.waiting += 1
      }
    }
    return counts
  }
}

export interface LedgerCounts {
  readonly sent: number
  /** Acknowledged. */
  readonly produced: number
  /** Settled at least once. */
  readonly settled: number
  /** Accepted SETTLEs beyond the first of each message. */
  readonly settledTwice: number
  /** Acknowledged and never settled. */
  readonly missing: number
  /** Of the missing ones, those that were never delivered. */
  readonly waiting: number
}
