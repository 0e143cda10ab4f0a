import { type Clock, NS_PER_MS, type Timer } from '../clock.ts'
import type { ConsumerChannel, Driver } from '../driver/driver.ts'
import { BenchError } from '../errors.ts'
import type { Delivery, Lease, Ledger } from '../ledger/ledger.ts'
import type { Tally } from '../measure/tally.ts'
import type { Board } from './board.ts'
import { CORRUPTED, type IdentityReader, UNKNOWN } from './identity.ts'
import type { LoopEvents } from './loop-events.ts'
import { SettleQueue } from './settle-queue.ts'

export interface ConsumerLoopOptions {
  readonly clock: Clock
  readonly driver: Driver
  readonly logId: string
  readonly groupId: string
  readonly clientId: string
  /** Number of this consumer in the ledger, from 1. */
  readonly consumer: number
  readonly msgs: number
  readonly pipeline: number
  readonly requestTimeoutMs: number
  readonly leaseMs: number
  readonly idleBackoffMs: number
  readonly idleBackoffMaxMs: number
  readonly identity: IdentityReader
}

/** Quiet time between the two empty answers that end a consumer, for a duplicate that comes late. */
const DRAIN_QUIET_MS = 20
/** Deliveries after the end that one consumer follows up; the verdict stands after the first. */
const LATE_DELIVERIES_MAX = 1000

/**
 * - `consuming`: messages are expected
 * - `probing`: all are accounted for; two empty answers in a row end it
 * - `stopping`: nothing new is asked for
 */
type Stage = 'consuming' | 'probing' | 'stopping' | 'finished'

/**
 * One consumer in a closed loop: lease, check, settle, over one connection. It learns of messages
 * only from the server: after an empty answer it waits, longer each time up to a maximum, and from
 * the start again after the next message.
 */
export class ConsumerLoop {
  readonly #options: ConsumerLoopOptions
  readonly #ledger: Ledger
  readonly #board: Board
  readonly #tally: Tally
  readonly #events: LoopEvents
  readonly #channel: ConsumerChannel
  readonly #settles: SettleQueue
  #stage: Stage = 'consuming'
  /** ACQUIRE_NEXT requests to keep open: one after an empty answer, then more with each message. */
  #window: number
  #openAcquires = 0
  #backoffMs: number
  #timer: Timer | undefined
  #isProbeOpen = false
  #emptyProbes = 0
  /** Whether the quiet time between the two probes has passed. */
  #wasQuiet = false
  #lateDeliveries = 0
  #nowNs = 0
  #deliveredInBatch = 0
  #settledInBatch = 0
  #inFlightInBatch = 0
  #inFlightPeakInBatch = 0
  /** Overwritten by each delivery, so that none makes an object. */
  readonly #lease: { -readonly [Key in keyof Lease]: Lease[Key] }
  /** When the last ACQUIRE_NEXT that was answered left, if it found nothing; else 0. */
  foundNothingSinceNs = 0

  constructor(
    options: ConsumerLoopOptions,
    shared: { readonly ledger: Ledger; readonly board: Board; readonly tally: Tally },
    events: LoopEvents,
  ) {
    this.#options = options
    this.#ledger = shared.ledger
    this.#board = shared.board
    this.#tally = shared.tally
    this.#events = events
    this.#window = options.pipeline
    this.#backoffMs = options.idleBackoffMs
    this.#settles = new SettleQueue(options.pipeline)
    this.#lease = { consumer: options.consumer, sentNs: 0, untilNs: 0, readNs: 0 }
    this.#channel = options.driver.openConsumer(options, {
      opened: () => events.opened(),
      batchStarted: nowNs => {
        this.#nowNs = nowNs
      },
      delivered: (messageId, bytes, start, end, sentNs) => {
        const message = start < 0 ? CORRUPTED : options.identity.read(bytes, start, end)
        this.#delivered(messageId, message, sentNs)
      },
      empty: sentNs => this.#empty(sentNs),
      acquireRefused: reason => this.#refused('ACQUIRE_NEXT', reason),
      settled: sentNs => this.#settled(sentNs),
      settleRefused: reason => this.#settleRefused(reason),
      batchEnded: () => this.#endBatch(),
      closed: error => this.#fail(error),
    })
  }

  /** Requests whose outcome is unknown. */
  get openRequests(): number {
    return this.#channel.openRequests
  }

  /** Harmless when its connection has broken already. */
  start(): void {
    this.#proceed()
  }

  /** Asks for nothing more; `finished` follows once all answers are there. */
  stop(): void {
    if (this.#stage === 'finished') return
    this.#stage = 'stopping'
    this.#proceed()
  }

  close(): void {
    this.#stage = 'finished'
    this.#timer?.cancel()
    this.#channel.close()
  }

  #delivered(messageId: number, message: number, sentNs: number): void {
    const tally = this.#tally
    this.#openAcquires -= 1
    this.#isProbeOpen = false
    this.foundNothingSinceNs = 0
    this.#backoffMs = this.#options.idleBackoffMs
    this.#window = Math.min(this.#window * 2, this.#options.pipeline)
    this.#emptyProbes = 0
    if (this.#stage !== 'consuming') this.#lateDeliveries += 1
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
    this.#lease.untilNs = sentNs + this.#options.leaseMs * NS_PER_MS
    this.#lease.readNs = this.#nowNs
    // Settled whatever it is, or it would come again and again.
    this.#settles.push(this.#account(message), messageId, this.#lease)
    this.#channel.settle(messageId, true)
  }

  /** Counts what the delivery is; returns its message, or `UNKNOWN` when this run sent none such. */
  #account(message: number): number {
    const tally = this.#tally
    const delivery = this.#judge(message)
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

  #judge(message: number): Delivery | 'corrupted' {
    if (message === CORRUPTED) return 'corrupted'
    if (message === UNKNOWN) return 'unexpected'
    return this.#ledger.delivered(message, this.#lease)
  }

  #empty(sentNs: number): void {
    this.#openAcquires -= 1
    this.foundNothingSinceNs = sentNs
    this.#window = 1
    // An answer to what was asked before all was accounted for is no probe.
    if (this.#isProbeOpen) this.#emptyProbes += 1
    else this.#tally.empties += 1
    this.#isProbeOpen = false
    if (this.#stage === 'consuming' && this.#timer === undefined) {
      this.#waitFor(this.#backoffMs)
      this.#backoffMs = Math.min(this.#backoffMs * 2, this.#options.idleBackoffMaxMs)
    }
  }

  #settled(sentNs: number): void {
    this.#inFlightInBatch -= 1
    const message = this.#settles.shift()
    const tally = this.#tally
    if (message < 0 || !this.#ledger.settled(message, this.#nowNs)) return
    this.#settledInBatch += 1
    tally.settle.record(this.#nowNs - sentNs)
    tally.hold.record(this.#nowNs - this.#settles.shiftedAcquiredNs)
    tally.latency.record(this.#nowNs - this.#ledger.dueNs(message))
  }

  #settleRefused(reason: string): void {
    this.#inFlightInBatch -= 1
    const message = this.#settles.shift()
    const leaseMayBeOver = this.#nowNs >= this.#settles.shiftedLeaseUntilNs
    if (message >= 0 && !this.#ledger.mayRefuseSettle(message, leaseMayBeOver)) {
      return this.#refused(`SETTLE of message ${this.#settles.shiftedMessageId}`, reason)
    }
    this.#tally.lateSettlesRefused += 1
  }

  #endBatch(): void {
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
    this.#proceed()
  }

  readonly #markSettleSent = (message: number): void => {
    this.#ledger.settleSent(message, this.#options.consumer)
  }

  /** Sends what the stage wants sent. Everything that may change it ends here. */
  #proceed(): void {
    if (this.#stage === 'consuming' && this.#board.allAccounted(this.#options.msgs)) {
      this.#stage = 'probing'
      this.#timer?.cancel()
      this.#timer = undefined
    }
    switch (this.#stage) {
      case 'consuming':
        this.#acquireUpToWindow()
        break
      case 'probing':
        this.#probe()
        break
      case 'stopping':
        if (this.#channel.openRequests === 0) return this.#finish()
        break
      case 'finished':
        return
    }
    this.#channel.flush()
  }

  #acquireUpToWindow(): void {
    if (this.#timer !== undefined) return
    const { pipeline } = this.#options
    while (this.#openAcquires < this.#window && this.#channel.openRequests < pipeline) {
      this.#openAcquires += 1
      this.#channel.acquire()
    }
  }

  #probe(): void {
    if (this.#channel.openRequests > 0 || this.#timer !== undefined) return
    if (this.#emptyProbes >= 2 || this.#lateDeliveries > LATE_DELIVERIES_MAX) return this.#finish()
    if (this.#emptyProbes === 1 && !this.#wasQuiet) {
      this.#wasQuiet = true
      return this.#waitFor(DRAIN_QUIET_MS)
    }
    this.#wasQuiet = false
    this.#isProbeOpen = true
    this.#openAcquires += 1
    this.#channel.acquire()
  }

  #waitFor(delayMs: number): void {
    this.#timer = this.#options.clock.setTimer(() => {
      this.#timer = undefined
      this.#proceed()
    }, delayMs)
  }

  #finish(): void {
    this.#stage = 'finished'
    this.#timer?.cancel()
    this.#events.finished()
  }

  #refused(request: string, reason: string): void {
    this.#fail(new BenchError('REQUEST_REFUSED', `The server refused ${request}: ${reason}`))
  }

  #fail(error: BenchError): void {
    if (this.#stage === 'finished') return
    this.close()
    this.#events.failed(error)
  }
}
