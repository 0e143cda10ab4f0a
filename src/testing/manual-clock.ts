import { type Clock, NS_PER_MS, type Timer } from '../clock.ts'

interface DueTimer {
  readonly dueNs: number
  readonly callback: () => void
}

/** A clock whose time moves only by `advance`. */
export class ManualClock implements Clock {
  #nowNs = 0
  readonly #timers = new Set<DueTimer>()

  nowNs(): number {
    return this.#nowNs
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const timer = { dueNs: this.#nowNs + delayMs * NS_PER_MS, callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

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

  #firstDue(untilNs: number): DueTimer | undefined {
    let first: DueTimer | undefined
    for (const timer of this.#timers) {
      if (timer.dueNs <= untilNs && (first === undefined || timer.dueNs < first.dueNs))
        first = timer
    }
    return first
  }
}
