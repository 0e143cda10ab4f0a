import { NS_PER_MS } from '../clock.ts'
import type { Progress } from './board.ts'

export interface SupervisorLimits {
  readonly stallTimeoutMs: number
  readonly timeoutMs: number
  /** An open loop, whose next message may be due much later. */
  readonly waitsForSchedule?: boolean
}

export type Supervision =
  | { readonly kind: 'running' }
  | { readonly kind: 'stalled'; readonly quietMs: number }
  | { readonly kind: 'timed-out' }

/**
 * Decides from looks at the progress whether a phase goes on. A phase is stalled when no message
 * was acknowledged or settled for `stallTimeoutMs`, counted from the end of the last running lease
 * where that is later: until then the server may rightly hold its messages back. Deliveries alone
 * are no progress, or a server that repeats one message for ever would keep a phase alive.
 */
export class Supervisor {
  readonly #limits: SupervisorLimits
  readonly #startedNs: number
  #events = 0
  #progressNs: number

  constructor(limits: SupervisorLimits, nowNs: number) {
    this.#limits = limits
    this.#startedNs = nowNs
    this.#progressNs = nowNs
  }

  /** What is waited for, such as connections, has a limit of its own: that is no stall. */
  excuse(nowNs: number): void {
    this.#progressNs = nowNs
  }

  /** `lastLeaseUntilNs` is asked only when everything else speaks for a stall: it is expensive. */
  look(progress: Progress, nowNs: number, lastLeaseUntilNs: () => number): Supervision {
    const events = progress.acknowledged + progress.settled
    // In an open loop nothing happens while nothing is due; an unanswered PRODUCE has its own limit.
    const isIdle = this.#limits.waitsForSchedule && progress.acknowledged === progress.settled
    if (events !== this.#events || isIdle) {
      this.#events = events
      this.#progressNs = nowNs
    }
    if (nowNs - this.#startedNs >= this.#limits.timeoutMs * NS_PER_MS) return { kind: 'timed-out' }
    const stallNs = this.#limits.stallTimeoutMs * NS_PER_MS
    if (nowNs - this.#progressNs < stallNs) return { kind: 'running' }
    if (nowNs - lastLeaseUntilNs() < stallNs) return { kind: 'running' }
    return { kind: 'stalled', quietMs: Math.round((nowNs - this.#progressNs) / NS_PER_MS) }
  }
}
