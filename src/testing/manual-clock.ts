import { type Clock, NS_PER_MS, type Timer } from '../clock.ts'

/** What a turn of the event loop takes, so that who waits for the next one does not stop time. */
const TURN_NS = 10_000

interface DueTimer {
  readonly dueNs: number
  readonly callback: () => void
}

/** A clock whose time moves only by `advance`. */
export class ManualClock implements Clock {
  #nowNs = 0
  #nextTurnNs = 0
  readonly #timers = new Set<DueTimer>()

  nowNs(): number {
    return this.#nowNs
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    return this.#add({ dueNs: this.#nowNs + delayMs * NS_PER_MS, callback })
  }

  /** The turn comes when time is advanced, also by 0, but no sooner than 10 µs after the last one. */
  nextTurn(callback: () => void): Timer {
    const dueNs = Math.max(this.#nowNs, this.#nextTurnNs)
    const turn = () => {
      this.#nextTurnNs = this.#nowNs + TURN_NS
      callback()
    }
    return this.#add({ dueNs, callback: turn })
  }

  /** Timers and turns. */
  get pendingTimers(): number {
    return this.#timers.size
  }

  /** Fires the timers that come due on the way, in order of their time; ties as they were set. */
  advance(delayMs: number): void {
    const untilNs = this.#nowNs + delayMs * NS_PER_MS
    for (let next = this.#firstDue(untilNs); next !== undefined; next = this.#firstDue(untilNs)) {
      this.#timers.delete(next)
      this.#nowNs = next.dueNs
      next.callback()
    }
    this.#nowNs = untilNs
  }

  #add(timer: DueTimer): Timer {
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  #firstDue(untilNs: number): DueTimer | undefined {
    let first: DueTimer | undefined
    for (const timer of this.#timers) {
      if (timer.dueNs <= untilNs && (first === undefined || timer.dueNs < first.dueNs))
        first = timer
    }
    return first
  }
}
