import type { Clock } from '../clock.ts'
import type { Driver, ProducerChannel, TextWriter } from '../driver/driver.ts'
import { BenchError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Tally } from '../measure/tally.ts'
import type { Board } from './board.ts'
import type { SharedAccounts } from './delivery-account.ts'
import type { LoopEvents } from './loop-events.ts'
import type { Schedule } from './schedule.ts'

export interface ProducerLoopOptions {
  readonly clock: Clock
  readonly driver: Driver
  readonly logId: string
  readonly pipeline: number
  readonly requestTimeoutMs: number
  /** Number of the producer's first message, and how many it has at most. */
  readonly firstMessage: number
  readonly messages: number
  readonly text: TextWriter
  readonly pace: Pace
}

/** When the next message leaves. Times are nanoseconds from the start. */
export type Pace =
  /** When an earlier one is acknowledged; none after `untilNs`. */
  | { readonly kind: 'closed'; readonly untilNs: number }
  /** When it is due. `madeRoom` is called when answers came to a full pipeline. */
  | { readonly kind: 'open'; readonly schedule: Schedule; readonly madeRoom: () => void }

/** One producer over one connection. */
export class ProducerLoop {
  readonly #options: ProducerLoopOptions
  readonly #ledger: Ledger
  readonly #board: Board
  readonly #tally: Tally
  readonly #events: LoopEvents
  readonly #channel: ProducerChannel
  #startNs = 0
  #nextSequence = 0
  #acknowledged = 0
  #acknowledgedInBatch = 0
  #recordedInBatch = 0
  #nowNs = 0
  #isStopping = false
  #isFinished = false

  constructor(options: ProducerLoopOptions, shared: SharedAccounts, events: LoopEvents) {
    this.#options = options
    this.#ledger = shared.ledger
    this.#board = shared.board
    this.#tally = shared.tally
    this.#events = events
    this.#channel = options.driver.openProducer(options, {
      opened: () => events.opened(),
      batchStarted: nowNs => {
        this.#nowNs = nowNs
      },
      acknowledged: (messageId, sentNs) => this.#acknowledge(messageId, sentNs),
      refused: reason => this.#refused(reason),
      batchEnded: () => this.#endBatch(),
      closed: error => this.#fail(error),
    })
  }

  /** Requests whose outcome is unknown. */
  get openRequests(): number {
    return this.#channel.openRequests
  }

  /**
   * When a pacer must call `send` next; Infinity in a closed loop and while only an answer can make
   * room for another message.
   */
  get nextDueNs(): number {
    const { pace, pipeline } = this.#options
    const isFull = this.#channel.openRequests >= pipeline
    if (pace.kind === 'closed' || this.#isOver || isFull) return Number.POSITIVE_INFINITY
    return this.#startNs + pace.schedule.nextDueNs
  }

  /** Without messages or time it is finished at once. */
  start(startNs: number): void {
    this.#startNs = startNs
    if (this.#isOver) this.#finishIfDone()
    else this.#send(this.#options.clock.nowNs())
  }

  /** Sends what is due. */
  send(nowNs: number): void {
    if (!this.#isOver) this.#send(nowNs)
  }

  /** Sends nothing more; `finished` follows once all answers are there. */
  stop(): void {
    this.#isStopping = true
    this.#finishIfDone()
  }

  /** Ends an open loop whose time is over: what was not sent until now is dropped. */
  giveUp(): void {
    if (this.#isOver) return
    this.#tally.unsent += this.#options.messages - this.#nextSequence
    this.stop()
  }

  close(): void {
    this.#isFinished = true
    this.#channel.close()
  }

  get #isOver(): boolean {
    return this.#isFinished || this.#isStopping || this.#nextSequence === this.#options.messages
  }

  #send(nowNs: number): void {
    const { pace } = this.#options
    if (pace.kind === 'closed') this.#fill(nowNs, this.#startNs + pace.untilNs)
    else this.#sendDue(pace.schedule, nowNs)
    this.#channel.flush()
    this.#finishIfDone()
  }

  #fill(nowNs: number, untilNs: number): void {
    if (nowNs >= untilNs) {
      this.#isStopping = true
      return
    }
    const { pipeline, messages } = this.#options
    while (this.#channel.openRequests < pipeline && this.#nextSequence < messages) {
      this.#produce(nowNs)
    }
  }

  #sendDue(schedule: Schedule, nowNs: number): void {
    const { pipeline } = this.#options
    while (this.#channel.openRequests < pipeline) {
      const dueNs = this.#startNs + schedule.nextDueNs
      if (dueNs > nowNs) return
      this.#produce(dueNs)
      schedule.advance()
    }
  }

  #produce(dueNs: number): void {
    // Before it leaves: another thread may be handed the message before our next instruction.
    this.#ledger.sent(this.#options.firstMessage + this.#nextSequence, dueNs)
    this.#channel.produce(this.#nextSequence)
    this.#nextSequence += 1
  }

  #acknowledge(messageId: number, sentNs: number): void {
    // Answers come in order, and so do the sequences.
    const message = this.#options.firstMessage + this.#acknowledged
    this.#ledger.acknowledged(message, messageId)
    this.#acknowledged += 1
    this.#acknowledgedInBatch += 1
    const tally = this.#tally
    const dueNs = this.#ledger.dueNs(message)
    if (dueNs < tally.recordFromNs) return
    this.#recordedInBatch += 1
    tally.sentSumNs += dueNs - tally.startNs
    tally.ingest.record(this.#nowNs - sentNs)
    if (this.#options.pace.kind === 'open') tally.lag.record(sentNs - dueNs)
    if (tally.firstProduceSentNs === 0 || sentNs < tally.firstProduceSentNs) {
      tally.firstProduceSentNs = sentNs
    }
    if (sentNs > tally.lastProduceSentNs) tally.lastProduceSentNs = sentNs
  }

  #endBatch(): void {
    const acknowledged = this.#acknowledgedInBatch
    if (acknowledged > 0) {
      const tally = this.#tally
      if (this.#recordedInBatch > 0 && this.#nowNs > tally.lastProduceAcknowledgedNs) {
        tally.lastProduceAcknowledgedNs = this.#nowNs
      }
      tally.produced += this.#recordedInBatch
      this.#acknowledgedInBatch = this.#recordedInBatch = 0
      const depth = this.#board.addQueueDepth(acknowledged) + acknowledged
      if (depth > tally.maxQueueDepth) tally.maxQueueDepth = depth
      tally.timeline.at(this.#nowNs)
      tally.timeline.produced(acknowledged, depth)
      this.#board.addAcknowledged(acknowledged)
    }
    if (this.#isOver) return this.#finishIfDone()
    const { pace, pipeline, clock } = this.#options
    if (pace.kind === 'closed') return this.#send(clock.nowNs())
    // Only then: a pacer that asked while it was full sleeps, whether something is due or will be.
    const wasFull = this.#channel.openRequests + acknowledged >= pipeline
    if (acknowledged === 0 || !wasFull) return
    this.#send(clock.nowNs())
    pace.madeRoom()
  }

  #finishIfDone(): void {
    if (this.#isFinished || !this.#isOver || this.#channel.openRequests > 0) return
    this.#isFinished = true
    this.#board.finishProducer(this.#nextSequence)
    this.#events.finished()
  }

  #refused(reason: string): void {
    this.#fail(new BenchError('REQUEST_REFUSED', `The server refused PRODUCE: ${reason}`))
  }

  #fail(error: BenchError): void {
    if (this.#isFinished) return
    this.close()
    this.#events.failed(error)
  }
}
