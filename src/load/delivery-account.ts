import { NS_PER_MS } from '../clock.ts'
import type { Delivery, Lease, Ledger } from '../ledger/ledger.ts'
import type { Tally } from '../measure/tally.ts'
import type { Board } from './board.ts'
import { CORRUPTED, UNKNOWN } from './identity.ts'
import { SettleQueue } from './settle-queue.ts'

/** What the loops of a thread share, and through the buffers those of all threads. */
export interface SharedAccounts {
  readonly ledger: Ledger
  readonly board: Board
  readonly tally: Tally
}

/**
 * One consumer's account of what it was given and what became of it: judged by the ledger, counted
 * in the tally, published on the board once a batch.
 */
export class DeliveryAccount {
  readonly #ledger: Ledger
  readonly #board: Board
  readonly #tally: Tally
  readonly #leaseNs: number
  readonly #settles: SettleQueue
  /** Overwritten by each delivery, so that none makes an object. */
  readonly #lease: { -readonly [Key in keyof Lease]: Lease[Key] }
  #nowNs = 0
  #deliveredInBatch = 0
  #settledInBatch = 0
  #inFlightInBatch = 0
  #inFlightPeakInBatch = 0

  constructor(
    options: { readonly consumer: number; readonly leaseMs: number; readonly pipeline: number },
    shared: SharedAccounts,
  ) {
    this.#ledger = shared.ledger
    this.#board = shared.board
    this.#tally = shared.tally
    this.#leaseNs = options.leaseMs * NS_PER_MS
    this.#settles = new SettleQueue(options.pipeline)
    this.#lease = { consumer: options.consumer, sentNs: 0, untilNs: 0, readNs: 0 }
  }

  startBatch(nowNs: number): void {
    this.#nowNs = nowNs
  }

  /** `message` is its number, `CORRUPTED` or `UNKNOWN`; a SETTLE of `messageId` must follow. */
  delivered(message: number, messageId: number, sentNs: number): void {
    const tally = this.#tally
    this.#deliveredInBatch += 1
    tally.deliveries += 1
    if (tally.firstAcquireSentNs === 0 || sentNs < tally.firstAcquireSentNs) {
      tally.firstAcquireSentNs = sentNs
    }
    this.#inFlightInBatch += 1
    if (this.#inFlightInBatch > this.#inFlightPeakInBatch) {
      this.#inFlightPeakInBatch = this.#inFlightInBatch
    }
    this.#lease.sentNs = sentNs
    this.#lease.untilNs = sentNs + this.#leaseNs
    this.#lease.readNs = this.#nowNs
    this.#settles.push(this.#count(message, messageId), messageId, this.#lease)
  }

  settled(sentNs: number): void {
    this.#inFlightInBatch -= 1
    const message = this.#settles.shift()
    const tally = this.#tally
    if (message < 0 || !this.#ledger.settled(message, this.#nowNs)) return
    this.#settledInBatch += 1
    tally.settle.record(this.#nowNs - sentNs)
    tally.hold.record(this.#nowNs - this.#settles.shiftedAcquiredNs)
    tally.latency.record(this.#nowNs - this.#ledger.dueNs(message))
  }

  /** Returns the id of the message when the server had no right to refuse, else `undefined`. */
  settleRefused(): number | undefined {
    this.#inFlightInBatch -= 1
    const message = this.#settles.shift()
    const leaseMayBeOver = this.#nowNs >= this.#settles.shiftedLeaseUntilNs
    if (message >= 0 && !this.#ledger.mayRefuseSettle(message, leaseMayBeOver)) {
      return this.#settles.shiftedMessageId
    }
    this.#tally.lateSettlesRefused += 1
    return undefined
  }

  /** Must come before the SETTLEs of the batch leave: from then on no lease is certain. */
  endBatch(): void {
    const tally = this.#tally
    const inFlight = this.#board.addInFlight(this.#inFlightInBatch) + this.#inFlightPeakInBatch
    if (inFlight > tally.maxInFlight) tally.maxInFlight = inFlight
    if (this.#settledInBatch > 0) {
      tally.settled += this.#settledInBatch
      if (this.#nowNs > tally.lastSettleAcknowledgedNs) tally.lastSettleAcknowledgedNs = this.#nowNs
      this.#board.addQueueDepth(-this.#settledInBatch)
    }
    this.#board.addConsumed(this.#deliveredInBatch, this.#settledInBatch)
    this.#deliveredInBatch = 0
    this.#settledInBatch = 0
    this.#inFlightInBatch = 0
    this.#inFlightPeakInBatch = 0
    this.#settles.send(this.#markSettleSent)
  }

  readonly #markSettleSent = (message: number): void => {
    this.#ledger.settleSent(message, this.#lease.consumer)
  }

  /** Counts what the delivery is; returns its message, or `UNKNOWN` when this run sent none such. */
  #count(message: number, messageId: number): number {
    const tally = this.#tally
    const delivery = this.#judge(message, messageId)
    switch (delivery) {
      case 'first':
        tally.wait.record(this.#nowNs - this.#ledger.dueNs(message))
        break
      case 'redelivered':
        tally.redelivered += 1
        break
      case 'duplicated':
        tally.duplicated += 1
        break
      case 'overlapping':
        tally.duplicated += 1
        tally.leaseOverlaps += 1
        break
      case 'unexpected':
        tally.unexpected += 1
        return UNKNOWN
      case 'corrupted':
        tally.corrupted += 1
        return UNKNOWN
      default:
        return delivery satisfies never
    }
    return message
  }

  #judge(message: number, messageId: number): Delivery | 'corrupted' {
    if (message === CORRUPTED) return 'corrupted'
    if (message === UNKNOWN) return 'unexpected'
    return this.#ledger.delivered(message, messageId, this.#lease)
  }
}
