/**
 * The truth of a run: what was sent, acknowledged, delivered and settled, message by message.
 *
 * Times decide what may be claimed. A lease was granted somewhere between its request and its
 * answer, so it certainly runs from the answer until request + duration. A delivery is called
 * repeated only where no order of events that fits all times explains it.
 */
export class Ledger {
  readonly msgs: number
  readonly shared: SharedArrayBuffer
  readonly #marks: Marks

  readonly #isAlone: boolean

  /**
   * Takes memory for `msgs` messages, or looks at memory that another thread has taken. `isAlone`
   * promises that no other thread marks messages, which spares locking each of them.
   */
  constructor(
    msgs: number,
    shared = new SharedArrayBuffer(msgs * LEDGER_BYTES_PER_MESSAGE),
    isAlone = false,
  ) {
    this.msgs = msgs
    this.shared = shared
    this.#isAlone = isAlone
    const bytes = (from: number) => new Uint8Array(shared, from * msgs, msgs)
    this.#marks = {
      dueNs: new Float64Array(shared, 0, msgs),
      leaseUntilNs: new Float64Array(shared, 8 * msgs, msgs),
      name: new Float64Array(shared, 16 * msgs, msgs),
      holder: new Int32Array(shared, 24 * msgs, msgs),
      acknowledged: bytes(28),
      deliveries: bytes(29),
      settles: bytes(30),
      suspect: bytes(31),
      misnamed: bytes(32),
    }
  }

  sent(message: number, dueNs: number): void {
    this.#marks.dueNs[message] = dueNs
  }

  dueNs(message: number): number {
    return this.#marks.dueNs[message] ?? 0
  }

  /** `messageId` is what the server called it. */
  acknowledged(message: number, messageId: number): void {
    const holder = this.#enter(message)
    this.#marks.acknowledged[message] = 1
    this.#name(message, messageId)
    this.#leave(message, holder)
  }

  /** `lease` is read before the call returns and may be used again. */
  delivered(message: number, messageId: number, lease: Lease): Delivery {
    const marks = this.#marks
    if ((marks.dueNs[message] ?? 0) === 0) return 'unexpected'
    const holder = this.#enter(message)
    const delivery = this.#judge(message, holder, lease)
    this.#name(message, messageId)
    count(marks.deliveries, message)
    if (marks.settles[message] === 0) {
      marks.leaseUntilNs[message] = Math.max(marks.leaseUntilNs[message] ?? 0, lease.untilNs)
    }
    if (delivery === 'duplicated' || delivery === 'overlapping') marks.suspect[message] = 1
    this.#leave(message, lease.consumer)
    return delivery
  }

  /** Must come before the SETTLE is sent: from then on the lease is no longer certain. */
  settleSent(message: number, consumer: number): void {
    const holder = this.#enter(message)
    this.#leave(message, holder === consumer ? NOBODY : holder)
  }

  /** `nowNs` is when the answer was read; returns whether it was the first of the message. */
  settled(message: number, nowNs: number): boolean {
    const marks = this.#marks
    const holder = this.#enter(message)
    const isFirst = marks.settles[message] === 0
    if (isFirst) marks.leaseUntilNs[message] = nowNs
    count(marks.settles, message)
    this.#leave(message, holder)
    return isFirst
  }

  /**
   * Whether a SETTLE may be refused rightly: its own lease may have run out, the message is settled
   * already by another delivery, or one of its deliveries was odd.
   */
  mayRefuseSettle(message: number, leaseMayBeOver: boolean): boolean {
    const { suspect, settles } = this.#marks
    return leaseMayBeOver || (suspect[message] ?? 0) > 0 || (settles[message] ?? 0) > 0
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
    const { acknowledged, deliveries, settles, suspect, misnamed, dueNs } = this.#marks
    const counts = {
      sent: 0,
      produced: 0,
      settled: 0,
      settledTwice: 0,
      idConflicts: 0,
      missing: 0,
      waiting: 0,
    }
    for (let message = 0; message < this.msgs; message += 1) {
      const settlesOfMessage = settles[message] ?? 0
      const isAcknowledged = acknowledged[message] === 1
      if ((dueNs[message] ?? 0) !== 0) counts.sent += 1
      if (isAcknowledged) counts.produced += 1
      if (settlesOfMessage > 0) counts.settled += 1
      if (misnamed[message] === 1) counts.idConflicts += 1
      // After a lease that ran out, a lenient server rightly accepts the SETTLE of both owners.
      const isOdd = suspect[message] === 1
      if (isOdd && settlesOfMessage > 1) counts.settledTwice += settlesOfMessage - 1
      if (isAcknowledged && settlesOfMessage === 0) {
        counts.missing += 1
        if ((deliveries[message] ?? 0) === 0) counts.waiting += 1
      }
    }
    return counts
  }

  #judge(message: number, holder: number, { consumer, sentNs, untilNs, readNs }: Lease): Delivery {
    const marks = this.#marks
    if (marks.deliveries[message] === 0) return 'first'
    const earlierNs = marks.leaseUntilNs[message] ?? 0
    // An answer that is read only after its own lease may be older than what was read before it.
    const mayBeLate = readNs >= untilNs
    if ((marks.settles[message] ?? 0) > 0) {
      const wasAskedAfterwards = sentNs >= earlierNs
      return wasAskedAfterwards || !mayBeLate ? 'duplicated' : 'redelivered'
    }
    if (mayBeLate || readNs >= earlierNs) return 'redelivered'
    return holder === NOBODY || holder === consumer ? 'duplicated' : 'overlapping'
  }

  /** A message has one id, whoever speaks of it first: a payload under another one is misplaced. */
  #name(message: number, messageId: number): void {
    const { name, misnamed } = this.#marks
    const known = name[message] ?? 0
    if (known === 0) name[message] = messageId + 1
    else if (known !== messageId + 1) misnamed[message] = 1
  }

  /**
   * Takes hold of the marks of a message, which several threads may want at the same moment;
   * returns its holder. `#leave` must follow within a few instructions.
   */
  #enter(message: number): number {
    const { holder } = this.#marks
    if (this.#isAlone) return holder[message] ?? NOBODY
    for (;;) {
      const found = Atomics.exchange(holder, message, ENTERED)
      if (found !== ENTERED) return found
      Atomics.wait(holder, message, ENTERED, ENTER_AGAIN_MS)
    }
  }

  #leave(message: number, holder: number): void {
    const { holder: holders } = this.#marks
    if (this.#isAlone) holders[message] = holder
    else Atomics.store(holders, message, holder)
  }
}

const NOBODY = 0
const ENTERED = -1
const ENTER_AGAIN_MS = 1

/** What the ledger knows of one message, in arrays that all load threads share. */
interface Marks {
  /** When its PRODUCE was due; 0 while it was not sent. */
  readonly dueNs: Float64Array
  /** Until when its leases run for certain; once it is settled, when that was answered. */
  readonly leaseUntilNs: Float64Array
  /** Consumer that certainly holds it, counted from 1, or `NOBODY`; `ENTERED` while a thread is at it. */
  readonly holder: Int32Array
  /** The id that the server gave it, plus 1; 0 while unknown. */
  readonly name: Float64Array
  readonly acknowledged: Uint8Array
  readonly deliveries: Uint8Array
  readonly settles: Uint8Array
  /** Whether any delivery of it was one that should not have been. */
  readonly suspect: Uint8Array
  /** Whether it was spoken of under two ids. */
  readonly misnamed: Uint8Array
}

export const LEDGER_BYTES_PER_MESSAGE = 33

/** A delivery as its consumer saw it. */
export interface Lease {
  /** Counted from 1. */
  readonly consumer: number
  /** When its ACQUIRE_NEXT left. */
  readonly sentNs: number
  /** Until when it certainly runs: `sentNs` + its duration. */
  readonly untilNs: number
  /** When the answer was read. */
  readonly readNs: number
}

/** How a delivery compares with what was known before it. */
export type Delivery =
  /** The first one. */
  | 'first'
  /** An earlier lease may have run out. */
  | 'redelivered'
  /** Nothing explains it: the earlier lease still ran, or the message was settled. */
  | 'duplicated'
  /** Duplicated, and another consumer certainly held its lease at that moment. */
  | 'overlapping'
  /** Never sent. */
  | 'unexpected'

const COUNT_MAX = 255

/** One more, up to the largest that fits: a counter that starts again at 0 would deny the past. */
function count(counters: Uint8Array, message: number): void {
  const counted = counters[message] ?? 0
  if (counted < COUNT_MAX) counters[message] = counted + 1
}

export interface LedgerCounts {
  readonly sent: number
  /** Acknowledged. */
  readonly produced: number
  /** Settled at least once. */
  readonly settled: number
  /** Accepted SETTLEs beyond the first of each message that came without a reason. */
  readonly settledTwice: number
  /** Messages that came under another id than they were acknowledged under. */
  readonly idConflicts: number
  /** Acknowledged and never settled. */
  readonly missing: number
  /** Of the missing ones, those that were never delivered. */
  readonly waiting: number
}
