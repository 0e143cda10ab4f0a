import type { Clock } from '../clock.ts'
import type { Driver, ProducerChannel, TextWriter } from '../driver/driver.ts'
import { BenchError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Tally } from '../measure/tally.ts'
import type { Board } from './board.ts'
import type { SharedAccounts } from './delivery-account.ts'
import type { LoopEvents } from './loop-events.ts'

export interface ProducerLoopOptions {
  readonly clock: Clock
  readonly driver: Driver
  readonly logId: string
  readonly pipeline: number
  readonly requestTimeoutMs: number
  /** Number of the producer's first message, and how many it has. */
  readonly firstMessage: number
  readonly messages: number
  readonly text: TextWriter
}

/** One producer in a closed loop: the next message leaves when an earlier one is acknowledged. */
export class ProducerLoop {
  readonly #options: ProducerLoopOptions
  readonly #ledger: Ledger
  readonly #board: Board
  readonly #tally: Tally
  readonly #events: LoopEvents
  readonly #channel: ProducerChannel
  #nextSequence = 0
  #acknowledged = 0
  #acknowledgedInBatch = 0
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

  start(): void {
    this.#fill()
  }

  /** Sends nothing more; `finished` follows once all answers are there. */
  stop(): void {
    this.#isStopping = true
    this.#finishIfDone()
  }

  close(): void {
    this.#isFinished = true
    this.#channel.close()
  }

  #fill(): void {
    const { pipeline, messages, firstMessage, clock } = this.#options
    if (this.#isFinished) return
    if (this.#isStopping || this.#nextSequence === messages) return this.#finishIfDone()
    const dueNs = clock.nowNs()
    while (this.#channel.openRequests < pipeline && this.#nextSequence < messages) {
      // Before it leaves: another thread may be handed the message before our next instruction.
      this.#ledger.sent(firstMessage + this.#nextSequence, dueNs)
      this.#channel.produce(this.#nextSequence)
      this.#nextSequence += 1
    }
    this.#channel.flush()
  }

  #acknowledge(messageId: number, sentNs: number): void {
    // Answers come in order, and so do the sequences.
    this.#ledger.acknowledged(this.#options.firstMessage + this.#acknowledged, messageId)
    this.#acknowledged += 1
    this.#acknowledgedInBatch += 1
    const tally = this.#tally
    tally.ingest.record(this.#nowNs - sentNs)
    if (tally.firstProduceSentNs === 0 || sentNs < tally.firstProduceSentNs) {
      tally.firstProduceSentNs = sentNs
    }
  }

  #endBatch(): void {
    const acknowledged = this.#acknowledgedInBatch
    if (acknowledged > 0) {
      this.#acknowledgedInBatch = 0
      const tally = this.#tally
      tally.produced += acknowledged
      if (this.#nowNs > tally.lastProduceAcknowledgedNs) {
        tally.lastProduceAcknowledgedNs = this.#nowNs
      }
      const depth = this.#board.addQueueDepth(acknowledged) + acknowledged
      if (depth > tally.maxQueueDepth) tally.maxQueueDepth = depth
      this.#board.addAcknowledged(acknowledged)
    }
    this.#fill()
  }

  #finishIfDone(): void {
    if (this.#isFinished || this.#channel.openRequests > 0) return
    if (!this.#isStopping && this.#nextSequence < this.#options.messages) return
    this.#isFinished = true
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
