import type { Clock, Timer } from '../clock.ts'
import { NS_PER_MS, NS_PER_SECOND } from '../clock.ts'
import type { Driver } from '../driver/driver.ts'
import type { BenchError, ErrorCode } from '../errors.ts'
import { firstMessageOf, messagesOf } from '../ledger/assignment.ts'
import { Ledger } from '../ledger/ledger.ts'
import { Tally, type TallyData } from '../measure/tally.ts'
import { Board } from './board.ts'
import { ConsumerLoop } from './consumer-loop.ts'
import { IdentityReader, IdentityWriter } from './identity.ts'
import type { LoopEvents } from './loop-events.ts'
import { Pacer } from './pacer.ts'
import { PayloadSizes } from './payload-sizes.ts'
import { dealt, type PhaseLoad, type ThreadPart } from './phase-plan.ts'
import { type Pace, ProducerLoop } from './producer-loop.ts'
import { RateProfile, scheduleOf } from './schedule.ts'

/** How long a stopped phase waits for answers that are under way. */
const STOP_GRACE_MS = 500
/** An open loop may be late by so much, or by this share of its length, before it gives up. */
const LATE_MS_MAX = 100
const LATE_SHARE_MAX = 0.01

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
  /** All producers of this thread have finished. */
  produced(): void
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
  readonly #part: ThreadPart
  readonly #tally = new Tally()
  readonly #producers: readonly ProducerLoop[]
  readonly #consumers: readonly ConsumerLoop[]
  readonly #pacer: Pacer
  #opening: number
  #producing: number
  #consuming: number
  #failure: BenchError | undefined
  /** Runs until an open loop gives up what it could not send. */
  #lateness: Timer | undefined
  #grace: Timer | undefined
  #hasEnded = false

  constructor(part: ThreadPart, driver: Driver, clock: Clock, events: PhaseEvents) {
    this.#clock = clock
    this.#events = events
    this.#part = part
    const { plan } = part
    const shared = {
      ledger: new Ledger(plan.msgs, part.ledger, part.threads === 1),
      board: new Board(part.board),
      tally: this.#tally,
    }
    const sizes = new PayloadSizes(plan.payloadBytes, plan.seed)
    const identity = new IdentityReader(plan, sizes)
    const common = { ...plan, clock, driver }
    this.#producers = dealt(plan.producers, part).map(producer => {
      const options = {
        ...common,
        pipeline: plan.producerPipeline,
        firstMessage: firstMessageOf(plan, producer),
        messages: messagesOf(plan, producer),
        text: new IdentityWriter(producer, sizes),
        pace: this.#paceOf(producer),
      }
      return new ProducerLoop(
        options,
        shared,
        this.#loopEvents(() => this.#producerFinished()),
      )
    })
    this.#consumers = dealt(plan.consumers, part).map(consumer => {
      const options = { ...common, clientId: `c${consumer}`, consumer: consumer + 1, identity }
      return new ConsumerLoop(
        options,
        shared,
        this.#loopEvents(() => this.#consumerFinished()),
      )
    })
    this.#pacer = this.#paced()
    this.#producing = this.#producers.length
    this.#consuming = this.#consumers.length
    this.#opening = this.#producing + this.#consuming
    // A thread may have no participants; what it waits for has then happened.
    if (this.#opening === 0) clock.setTimer(() => events.ready(), 0)
  }

  /** `startNs` is the same for all threads; an open loop may be told of it before. */
  start(startNs: number): void {
    if (this.#hasEnded) return
    const { plan } = this.#part
    this.#tally.startAt(startNs)
    if (plan.steadyFromMs > 0) this.#tally.recordFromNs = startNs + plan.steadyFromMs * NS_PER_MS
    // Producers first, so that the first requests of consumers do not ask in vain.
    for (const producer of this.#producers) producer.start(startNs)
    if (plan.load.kind === 'open') {
      const giveUpMs = (startNs + giveUpAfterNs(plan.load) - this.#clock.nowNs()) / NS_PER_MS
      this.#lateness = this.#clock.setTimer(() => this.#giveUp(), giveUpMs)
      this.#pacer.start()
    }
    if (this.#producers.length === 0) this.#events.produced()
    if (plan.mode === 'concurrent') this.consume(startNs)
  }

  /**
   * Starts the consumers, unless the phase has ended. Where only they are timed, that begins at
   * `startNs`, which is the same for all threads.
   */
  consume(startNs: number): void {
    if (this.#hasEnded) return
    if (this.#part.plan.mode === 'drain') this.#tally.startAt(startNs)
    for (const consumer of this.#consumers) consumer.start()
    this.#endIfDone()
  }

  /** Ends the phase where it is, after a short wait for answers that are under way. */
  stop(): void {
    if (this.#hasEnded) return
    this.#grace ??= this.#clock.setTimer(() => this.#end(), STOP_GRACE_MS)
    for (const loop of [...this.#producers, ...this.#consumers]) loop.stop()
    this.#endIfDone()
  }

  #paceOf(producer: number): Pace {
    const { plan } = this.#part
    if (plan.load.kind === 'open') {
      const schedule = scheduleOf(plan.load, plan, producer, plan.seed)
      return { kind: 'open', schedule, madeRoom: () => this.#pacer.wake() }
    }
    const { durationSeconds = Number.POSITIVE_INFINITY } = plan.load
    return { kind: 'closed', untilNs: durationSeconds * NS_PER_SECOND }
  }

  #paced(): Pacer {
    const producers = this.#producers
    return new Pacer({
      clock: this.#clock,
      spins: this.#part.plan.spins,
      nextDueNs() {
        let nextNs = Number.POSITIVE_INFINITY
        for (const { nextDueNs } of producers) if (nextDueNs < nextNs) nextNs = nextDueNs
        return nextNs
      },
      send(nowNs) {
        for (const producer of producers) if (producer.nextDueNs <= nowNs) producer.send(nowNs)
      },
    })
  }

  #giveUp(): void {
    this.#pacer.stop()
    for (const producer of this.#producers) producer.giveUp()
  }

  #loopEvents(finished: () => void): LoopEvents {
    return {
      opened: () => {
        this.#opening -= 1
        if (this.#opening === 0) this.#events.ready()
      },
      finished,
      failed: error => {
        // What breaks after a stop is not why the phase ended.
        if (this.#grace === undefined) this.#failure ??= error
        this.#end()
      },
    }
  }

  #producerFinished(): void {
    this.#producing -= 1
    if (this.#producing > 0) return
    this.#pacer.stop()
    this.#lateness?.cancel()
    this.#events.produced()
    this.#endIfDone()
  }

  #consumerFinished(): void {
    this.#consuming -= 1
    this.#endIfDone()
  }

  #endIfDone(): void {
    if (this.#producing + this.#consuming === 0) this.#end()
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#grace?.cancel()
    this.#lateness?.cancel()
    this.#pacer.stop()
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

/** When an open loop drops what it has not sent, from its start on. */
function giveUpAfterNs(load: Extract<PhaseLoad, { readonly kind: 'open' }>): number {
  const { lengthNs } = new RateProfile(load.stages)
  return lengthNs + Math.max(LATE_MS_MAX * NS_PER_MS, lengthNs * LATE_SHARE_MAX)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
