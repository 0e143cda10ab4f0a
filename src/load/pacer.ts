import { type Clock, NS_PER_MS, type Timer } from '../clock.ts'

export interface PacerOptions {
  readonly clock: Clock
  /** Whether there is a core to spend on punctuality: see `pacerSpins`. */
  readonly spins: boolean
  /** When the next send is due, by the clock; Infinity when nothing is, or cannot be sent now. */
  readonly nextDueNs: () => number
  /** Sends everything that is due at `nowNs`. */
  readonly send: (nowNs: number) => void
}

/**
 * Calls `send` when something is due, never earlier, and never keeps the thread from its sockets:
 * it waits by timers, and near the due time in turns of the event loop where it may spin.
 */
export class Pacer {
  readonly #options: PacerOptions
  #state: 'stopped' | 'idle' | 'sleeping' | 'turning' = 'stopped'
  #timer: Timer | undefined
  /** The grid on which a spinning pacer sends begins anew with each send. */
  #gridNs = Number.NEGATIVE_INFINITY

  constructor(options: PacerOptions) {
    this.#options = options
  }

  /** Sends at once what is due already. Harmless when it runs. */
  start(): void {
    if (this.#state === 'stopped') this.#look()
  }

  /**
   * Looks again in the next turn. Must be called when something became due earlier than `nextDueNs`
   * said when it was asked last; calls within one turn are one.
   */
  wake(): void {
    if (this.#state === 'stopped' || this.#state === 'turning') return
    this.#timer?.cancel()
    this.#turn()
  }

  /** Nothing is sent any more. Harmless when it does not run. */
  stop(): void {
    this.#state = 'stopped'
    this.#timer?.cancel()
  }

  readonly #look = (): void => {
    const { clock, send } = this.#options
    this.#state = 'idle'
    const nowNs = clock.nowNs()
    const wake = this.#nextWake(nowNs)
    if (wake.kind !== 'send') return this.#wait(wake)
    this.#gridNs = nowNs + GRID_NS
    send(nowNs)
    // It may have called `wake` or `stop`. If not: what came due meanwhile leaves after a look at
    // the sockets, or a producer that is behind would never hear of its answers.
    if (this.#state === 'idle') this.#wait(this.#nextWake(clock.nowNs()))
  }

  #nextWake(nowNs: number): Wake {
    const { spins, nextDueNs } = this.#options
    const dueNs = nextDueNs()
    return nextWake(nowNs, spins ? Math.max(dueNs, this.#gridNs) : dueNs, spins)
  }

  #wait(wake: Wake): void {
    switch (wake.kind) {
      case 'idle':
        return
      case 'sleep':
        return this.#sleep(wake.ms)
      case 'send':
        return this.#options.spins ? this.#turn() : this.#sleep(TIMER_MS)
      case 'spin':
        return this.#turn()
      default:
        return wake satisfies never
    }
  }

  #sleep(ms: number): void {
    this.#state = 'sleeping'
    this.#timer = this.#options.clock.setTimer(this.#look, ms)
  }

  #turn(): void {
    this.#state = 'turning'
    this.#timer = this.#options.clock.nextTurn(this.#look)
  }
}

/**
 * What a pacer does next.
 * - `send`: something is due
 * - `spin`: soon; look again in the next turn of the event loop
 * - `sleep`: look again by a timer
 * - `idle`: nothing will be due
 */
export type Wake =
  | { readonly kind: 'send' }
  | { readonly kind: 'spin' }
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'idle' }

const SEND: Wake = { kind: 'send' }
const SPIN: Wake = { kind: 'spin' }
const IDLE: Wake = { kind: 'idle' }

/**
 * A spinning pacer lets this pass between two sends. Then one write carries what came due, and the
 * server is not woken for each message: a third less of its CPU for 0.1 ms of lateness.
 */
export const GRID_NS = 250_000
/** Timers are late by up to a millisecond: a spinning pacer takes none when less than this is left, */
const SPIN_WITHIN_MS = 2
/** and sets them so much early. */
const WAKE_EARLY_MS = 1.5
/** The shortest timer there is. */
const TIMER_MS = 1
/** Timers beyond 24 days fire at once. */
const SLEEP_MS_MAX = 60_000

/** The decision of a pacer at `nowNs` whose next send is due at `dueNs`, or never at Infinity. */
export function nextWake(nowNs: number, dueNs: number, spins: boolean): Wake {
  if (dueNs <= nowNs) return SEND
  if (dueNs === Number.POSITIVE_INFINITY) return IDLE
  const aheadMs = (dueNs - nowNs) / NS_PER_MS
  if (spins && aheadMs <= SPIN_WITHIN_MS) return SPIN
  const ms = spins ? Math.floor(aheadMs - WAKE_EARLY_MS) : Math.ceil(aheadMs)
  return { kind: 'sleep', ms: Math.min(Math.max(ms, TIMER_MS), SLEEP_MS_MAX) }
}

/** Whether pacers of `threads` load threads may spin: when that leaves a core to the server. */
export function pacerSpins(cores: number, threads: number): boolean {
  return cores > threads
}
