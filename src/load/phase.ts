import type { Clock, Timer } from '../clock.ts'
import type { Driver } from '../driver/driver.ts'
import { payloadTextBytes } from '../driver/text-payload.ts'
import type { BenchError, ErrorCode } from '../errors.ts'
import { firstMessageOf, messagesOf } from '../ledger/assignment.ts'
import { Ledger } from '../ledger/ledger.ts'
import { Tally, type TallyData } from '../measure/tally.ts'
import { Board } from './board.ts'
import { ConsumerLoop } from './consumer-loop.ts'
import { IdentityReader, IdentityWriter } from './identity.ts'
import type { LoopEvents } from './loop-events.ts'
import { dealt, type ThreadPart } from './phase-plan.ts'
import { ProducerLoop } from './producer-loop.ts'

/** How long a stopped phase waits for answers that are under way. */
const STOP_GRACE_MS = 500

/** How one thread's part of a phase ended. */
export interface ThreadReport {
  readonly tally: TallyData
  /** Requests that never got an answer. */
  readonly openProduces: number
  readonly openConsumes: number
  /**
   * When the earliest of the consumers' last requests left, where the last word of the server to
   * each of them was that there is nothing more; else 0. Infinity without consumers.
   */
  readonly foundNothingSinceNs: number
  readonly failure: { readonly code: ErrorCode; readonly message: string } | undefined
}

export interface PhaseEvents {
  /** All connections stand. */
  ready(): void
  /** Connections are closed; nothing follows. */
  ended(report: ThreadReport): void
}

/**
 * The producers and consumers of one thread during one phase. Driver and clock are passed in, so
 * that a phase runs on sockets in a thread as well as in a simulation.
 */
export class Phase {
  readonly #clock: Clock
  readonly #events: PhaseEvents
  readonly #tally = new Tally()
  readonly #producers: readonly ProducerLoop[]
  readonly #consumers: readonly ConsumerLoop[]
  #opening: number
  #running: number
  #failure: BenchError | undefined
  #grace: Timer | undefined
  #hasEnded = false

  constructor(part: ThreadPart, driver: Driver, clock: Clock, events: PhaseEvents) {
    this.#clock = clock
    this.#events = events
    const { plan } = part
    const shared = {
      ledger: new Ledger(plan.msgs, part.ledger),
      board: new Board(part.board),
      tally: this.#tally,
    }
    const textBytes = payloadTextBytes(plan.payloadBytes)
    const identity = new IdentityReader(plan, textBytes)
    const loopEvents = this.#loopEvents()
    const common = { ...plan, clock, driver }
    this.#producers = dealt(plan.producers, part).map(producer => {
      const options = {
        ...common,
        firstMessage: firstMessageOf(plan, producer),
        messages: messagesOf(plan, producer),
        text: new IdentityWriter(producer, textBytes),
      }
      return new ProducerLoop(options, shared, loopEvents)
    })
    this.#consumers = dealt(plan.consumers, part).map(consumer => {
      const clientId = `c${consumer}`
      const options = { ...common, clientId, consumer: consumer + 1, identity }
      return new ConsumerLoop(options, shared, loopEvents)
    })
    this.#opening = this.#producers.length + this.#consumers.length
    this.#running = this.#opening
    // A thread may have no participants; what it waits for has then happened.
    if (this.#opening === 0) clock.setTimer(() => events.ready(), 0)
  }

  start(): void {
    // Producers first, so that the first requests of consumers do not ask in vain.
    for (const loop of [...this.#producers, ...this.#consumers]) loop.start()
    if (this.#running === 0) this.#end()
  }

  /** Ends the phase where it is, after a short wait for answers that are under way. */
  stop(): void {
    if (this.#hasEnded) return
    this.#grace ??= this.#clock.setTimer(() => this.#end(), STOP_GRACE_MS)
    for (const loop of [...this.#producers, ...this.#consumers]) loop.stop()
    if (this.#running === 0) this.#end()
  }

  #loopEvents(): LoopEvents {
    return {
      opened: () => {
        this.#opening -= 1
        if (this.#opening === 0) this.#events.ready()
      },
      finished: () => {
        this.#running -= 1
        if (this.#running === 0) this.#end()
      },
      failed: error => {
        // What breaks after a stop is not why the phase ended.
        if (this.#grace === undefined) this.#failure ??= error
        this.#end()
      },
    }
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#grace?.cancel()
    const report: ThreadReport = {
      tally: this.#tally.toData(),
      openProduces: sum(this.#producers.map(loop => loop.openRequests)),
      openConsumes: sum(this.#consumers.map(loop => loop.openRequests)),
      foundNothingSinceNs: Math.min(...this.#consumers.map(loop => loop.foundNothingSinceNs)),
      failure: this.#failure && { code: this.#failure.code, message: this.#failure.message },
    }
    for (const loop of [...this.#producers, ...this.#consumers]) loop.close()
    this.#events.ended(report)
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
