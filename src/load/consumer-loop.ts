import { type Clock, NS_PER_MS, type Timer } from '../clock.ts'
import type { ConsumerChannel, Driver } from '../driver/driver.ts'
import { BenchError } from '../errors.ts'
import type { Tally } from '../measure/tally.ts'
import type { Board } from './board.ts'
import { DeliveryAccount, type SharedAccounts } from './delivery-account.ts'
import { CORRUPTED, type IdentityReader } from './identity.ts'
import type { LoopEvents } from './loop-events.ts'

export interface ConsumerLoopOptions {
  readonly clock: Clock
  readonly driver: Driver
  readonly logId: string
  readonly groupId: string
  readonly clientId: string
  /** Number of this consumer in the ledger, from 1. */
  readonly consumer: number
  /** Of the whole run. */
  readonly producers: number
  readonly pipeline: number
  readonly requestTimeoutMs: number
  readonly leaseMs: number
  readonly processingMs: number
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
 * One consumer in a closed loop: lease, check, process, settle, over one connection. It learns of
 * messages only from the server: after an empty answer it waits, longer each time up to a maximum,
 * and from the start again after the next message.
 */
export class ConsumerLoop {
  readonly #options: ConsumerLoopOptions
  readonly #board: Board
  readonly #tally: Tally
  readonly #account: DeliveryAccount
  readonly #events: LoopEvents
  readonly #channel: ConsumerChannel
  #stage: Stage = 'consuming'
  /** ACQUIRE_NEXT requests to keep open: one after an empty answer, then more with each message. */
  #window: number
  #openAcquires = 0
  #backoffMs: number
  /** Runs while it waits before asking again. */
  #timer: Timer | undefined
  /** Runs until the oldest message that it holds is processed. */
  #processing: Timer | undefined
  /** When it went to sleep before the one request that is open; Infinity when it did not. */
  #sleptFromNs = Number.POSITIVE_INFINITY
  #isProbeOpen = false
  #emptyProbes = 0
  #nowNs = 0
  /** Whether the quiet time between the two probes has passed. */
  #wasQuiet = false
  #lateDeliveries = 0
  /** When the last ACQUIRE_NEXT that was answered left, if it found nothing; else 0. */
  foundNothingSinceNs = 0

  constructor(options: ConsumerLoopOptions, shared: SharedAccounts, events: LoopEvents) {
    this.#options = options
    this.#board = shared.board
    this.#tally = shared.tally
    this.#events = events
    this.#window = options.pipeline
    this.#backoffMs = options.idleBackoffMs
    this.#account = new DeliveryAccount(options, shared, messageId =>
      this.#channel.settle(messageId, true),
    )
    this.#channel = options.driver.openConsumer(options, {
      opened: () => events.opened(),
      batchStarted: nowNs => {
        this.#nowNs = nowNs
        this.#account.startBatch(nowNs)
      },
      delivered: (messageId, bytes, start, end, sentNs) => {
        const message = start < 0 ? CORRUPTED : options.identity.read(bytes, start, end)
        this.#delivered(messageId, message, sentNs)
      },
      empty: sentNs => this.#empty(sentNs),
      acquireRefused: reason => this.#refused('ACQUIRE_NEXT', reason),
      settled: sentNs => this.#account.settled(sentNs),
      settleRefused: reason => this.#settleRefused(reason),
      batchEnded: () => {
        this.#account.endBatch()
        this.#settleProcessed(this.#nowNs)
        this.#proceed()
      },
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
    this.#processing?.cancel()
    this.#channel.close()
  }

  #delivered(messageId: number, message: number, sentNs: number): void {
    this.#openAcquires -= 1
    this.#isProbeOpen = false
    this.foundNothingSinceNs = 0
    this.#backoffMs = this.#options.idleBackoffMs
    this.#window = Math.min(this.#window * 2, this.#options.pipeline)
    this.#emptyProbes = 0
    if (this.#stage !== 'consuming') this.#lateDeliveries += 1
    // Settled later whatever it is, or it would come again and again.
    this.#account.delivered(message, messageId, sentNs, this.#sleptFromNs)
    this.#sleptFromNs = Number.POSITIVE_INFINITY
  }

  #settleProcessed(nowNs: number): void {
    this.#account.release(nowNs)
    if (this.#account.held === 0 || this.#processing !== undefined) return
    const delayMs = Math.ceil((this.#account.processedNs - nowNs) / NS_PER_MS)
    const { clock } = this.#options
    this.#processing = clock.setTimer(() => {
      this.#processing = undefined
      this.#settleProcessed(clock.nowNs())
      this.#proceed()
    }, delayMs)
  }

  #empty(sentNs: number): void {
    this.#openAcquires -= 1
    this.#sleptFromNs = Number.POSITIVE_INFINITY
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

  #settleRefused(reason: string): void {
    const messageId = this.#account.settleRefused()
    if (messageId !== undefined) this.#refused(`SETTLE of message ${messageId}`, reason)
  }

  /** Sends what the stage wants sent. Everything that may change it ends here. */
  #proceed(): void {
    if (this.#stage === 'consuming' && this.#board.allAccounted(this.#options.producers)) {
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
    // What it holds will need room for its SETTLE.
    const free = this.#options.pipeline - this.#account.held
    while (this.#openAcquires < this.#window && this.#channel.openRequests < free) {
      this.#openAcquires += 1
      this.#channel.acquire()
    }
  }

  #probe(): void {
    if (this.#channel.openRequests + this.#account.held > 0 || this.#timer !== undefined) return
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
    const sleptFromNs = this.#nowNs
    this.#timer = this.#options.clock.setTimer(() => {
      this.#timer = undefined
      this.#sleptFromNs = sleptFromNs
      this.#proceed()
    }, delayMs)
  }

  #finish(): void {
    this.#stage = 'finished'
    this.#timer?.cancel()
    this.#processing?.cancel()
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
