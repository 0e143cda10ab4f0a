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
  readonly #settle: (messageId: number) => void
  readonly #leaseNs: number
  readonly #settles: SettleQueue
  /** Overwritten by each delivery, so that none makes an object. */
  readonly #lease: { -readonly [Key in keyof Lease]: Lease[Key] }
  readonly #processingNs: number
  #nowNs = 0
  #deliveredInBatch = 0
  #settledInBatch = 0
  #recordedInBatch = 0
  #answersInBatch = 0
  #inFlightInBatch = 0
  #inFlightPeakInBatch = 0

  constructor(
    options: {
      readonly consumer: number
      readonly leaseMs: number
      readonly processingMs: number
      readonly pipeline: number
    },
    shared: SharedAccounts,
    settle: (messageId: number) => void,
  ) {
    this.#settle = settle
    this.#ledger = shared.ledger
    this.#board = shared.board
    this.#tally = shared.tally
    this.#leaseNs = options.leaseMs * NS_PER_MS
    this.#processingNs = options.processingMs * NS_PER_MS
    this.#settles = new SettleQueue(options.pipeline)
    this.#lease = { consumer: options.consumer, sentNs: 0, untilNs: 0, readNs: 0 }
  }

  /** Messages that were delivered and whose SETTLE was not asked for yet. */
  get held(): number {
    return this.#settles.held
  }

  /** When the oldest of them has been processed; Infinity when there is none. */
  get processedNs(): number {
    return this.#settles.heldSinceNs + this.#processingNs
  }

  startBatch(nowNs: number): void {
    this.#nowNs = nowNs
    this.#tally.timeline.at(nowNs)
  }

  /**
   * `message` is its number, `CORRUPTED` or `UNKNOWN`. `sleptFromNs` is when its consumer went to
   * sleep just before it asked for this message; Infinity when it did not.
   */
  delivered(message: number, messageId: number, sentNs: number, sleptFromNs: number): void {
    const tally = this.#tally
    this.#deliveredInBatch += 1
    tally.deliveries += 1
    this.#inFlightInBatch += 1
    if (this.#inFlightInBatch > this.#inFlightPeakInBatch) {
      this.#inFlightPeakInBatch = this.#inFlightInBatch
    }
    this.#lease.sentNs = sentNs
    this.#lease.untilNs = sentNs + this.#leaseNs
    this.#lease.readNs = this.#nowNs
    const counted = this.#count(message, messageId)
    this.#settles.push(counted, messageId, this.#lease)
    if (counted >= 0) this.#time(this.#ledger.dueNs(counted), sentNs, sleptFromNs)
  }

  #time(dueNs: number, sentNs: number, sleptFromNs: number): void {
    const tally = this.#tally
    if (dueNs < tally.recordFromNs) return
    if (tally.firstAcquireSentNs === 0 || sentNs < tally.firstAcquireSentNs) {
      tally.firstAcquireSentNs = sentNs
    }
    const layFromNs = Math.max(dueNs, sleptFromNs)
    if (layFromNs < sentNs) tally.idleWaitNs += sentNs - layFromNs
  }

  settled(sentNs: number): void {
    this.#inFlightInBatch -= 1
    this.#answersInBatch += 1
    const message = this.#settles.shift()
    const tally = this.#tally
    if (message < 0 || !this.#ledger.settled(message, this.#nowNs)) return
    this.#settledInBatch += 1
    const dueNs = this.#ledger.dueNs(message)
    if (dueNs < tally.recordFromNs) return
    this.#recordedInBatch += 1
    const latencyNs = this.#nowNs - dueNs
    tally.settle.record(this.#nowNs - sentNs)
    tally.hold.record(this.#nowNs - this.#settles.shiftedAcquiredNs)
    tally.latency.record(latencyNs)
    tally.timeline.latency(latencyNs)
  }

  /** Returns the id of the message when the server had no right to refuse, else `undefined`. */
  settleRefused(): number | undefined {
    this.#inFlightInBatch -= 1
    this.#answersInBatch += 1
    const message = this.#settles.shift()
    const leaseMayBeOver = this.#nowNs >= this.#settles.shiftedLeaseUntilNs
    if (message >= 0 && !this.#ledger.mayRefuseSettle(message, leaseMayBeOver)) {
      return this.#settles.shiftedMessageId
    }
    this.#tally.lateSettlesRefused += 1
    return undefined
  }

  /** Publishes what the batch brought. */
  endBatch(): void {
    const tally = this.#tally
    const inFlight = this.#board.addInFlight(this.#inFlightInBatch) + this.#inFlightPeakInBatch
    if (inFlight > tally.maxInFlight) tally.maxInFlight = inFlight
    tally.timeline.inFlightPeak(inFlight)
    tally.timeline.delivered(this.#deliveredInBatch)
    tally.timeline.settled(this.#settledInBatch, this.#answersInBatch)
    const recorded = this.#recordedInBatch
    if (recorded > 0) {
      tally.settled += recorded
      tally.settledSumNs += recorded * (this.#nowNs - tally.startNs)
      if (this.#nowNs > tally.lastSettleAcknowledgedNs) tally.lastSettleAcknowledgedNs = this.#nowNs
    }
    if (this.#settledInBatch > 0) this.#board.addQueueDepth(-this.#settledInBatch)
    this.#board.addConsumed(this.#deliveredInBatch, this.#settledInBatch)
    this.#deliveredInBatch = 0
    this.#settledInBatch = 0
    this.#recordedInBatch = 0
    this.#answersInBatch = 0
    this.#inFlightInBatch = 0
    this.#inFlightPeakInBatch = 0
  }

  /**
   * Asks to settle each message that has been processed by `nowNs`. The SETTLEs must leave after
   * that, since from then on no lease is certain.
   */
  release(nowNs: number): void {
    if (this.#settles.held > 0) {
      this.#settles.release(nowNs - this.#processingNs, this.#releaseOne)
    }
  }

  readonly #releaseOne = (message: number, messageId: number): void => {
    if (message >= 0) this.#ledger.settleSent(message, this.#lease.consumer)
    this.#settle(messageId)
  }

  /** Counts what the delivery is; returns its message, or `UNKNOWN` when this run sent none such. */
  #count(message: number, messageId: number): number {
    const tally = this.#tally
    const delivery = this.#judge(message, messageId)
    switch (delivery) {
      case 'first':
        this.#recordWait(this.#ledger.dueNs(message))
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

  #recordWait(dueNs: number): void {
    if (dueNs >= this.#tally.recordFromNs) this.#tally.wait.record(this.#nowNs - dueNs)
  }

  #judge(message: number, messageId: number): Delivery | 'corrupted' {
    if (message === CORRUPTED) return 'corrupted'
    if (message === UNKNOWN) return 'unexpected'
    return this.#ledger.delivered(message, messageId, this.#lease)
  }
}
