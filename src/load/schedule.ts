import { NS_PER_SECOND } from '../clock.ts'
import type { LoadModel, Stage } from '../config/scenario.ts'
import { type Assignment, messagesOf } from '../ledger/assignment.ts'
import { type Positions, positionsOf } from './arrivals.ts'

export type OpenLoad = Extract<LoadModel, { readonly kind: 'open' }>

/** When each message of `producer` is due; nothing in it is kept per message. */
export function scheduleOf(
  load: OpenLoad,
  assignment: Assignment,
  producer: number,
  seed: number,
): Schedule {
  const profile = new RateProfile(load.stages)
  // Of `msgs` that were rounded, each stands for a little more or less than one.
  const span = profile.totalMessages
  const positions = positionsOf(load.arrival, { assignment, producer, span, seed })
  return new Schedule(profile, positions, messagesOf(assignment, producer))
}

/** The due times of one producer, one after the other. */
export class Schedule {
  readonly #profile: RateProfile
  readonly #positions: Positions
  #left: number
  #nextDueNs = 0

  constructor(profile: RateProfile, positions: Positions, messages: number) {
    this.#profile = profile
    this.#positions = positions
    this.#left = messages
    this.advance()
  }

  /**
   * Whole nanoseconds from the start of the run to the next message, never less than to the one
   * before; Infinity after the last.
   */
  get nextDueNs(): number {
    return this.#nextDueNs
  }

  /** Goes on to the message after the next. */
  advance(): void {
    if (this.#left === 0) {
      this.#nextDueNs = Number.POSITIVE_INFINITY
      return
    }
    this.#left -= 1
    const dueNs = Math.round(this.#profile.timeOf(this.#positions.next()))
    // Positions that are next to each other may be turned around by rounding.
    if (dueNs > this.#nextDueNs) this.#nextDueNs = dueNs
  }
}

/** A stage that has messages: where it begins, and what its rate does. */
interface Slope {
  readonly startNs: number
  readonly lengthNs: number
  readonly fromPosition: number
  readonly toPosition: number
  readonly fromRate: number
  /** Change of the rate, per second. */
  readonly change: number
}

/** So near to the end of a stage, in messages, that only rounding keeps a position before it. */
const POSITION_TOLERANCE = 1e-6

/** How many messages are due by when, while the rate goes through `stages`. */
export class RateProfile {
  /** Not always a whole number. */
  readonly totalMessages: number
  readonly lengthNs: number
  readonly #slopes: readonly Slope[]
  /** Where the last position was found; the next one is seldom far from it. */
  #at = 0

  constructor(stages: readonly Stage[]) {
    const slopes: Slope[] = []
    let startNs = 0
    let fromPosition = 0
    for (const { fromRate, toRate, seconds } of stages) {
      const lengthNs = seconds * NS_PER_SECOND
      const toPosition = fromPosition + ((fromRate + toRate) / 2) * seconds
      const change = (toRate - fromRate) / seconds
      if (toPosition > fromPosition) {
        slopes.push({ startNs, lengthNs, fromPosition, toPosition, fromRate, change })
      }
      startNs += lengthNs
      fromPosition = toPosition
    }
    this.#slopes = slopes
    this.totalMessages = fromPosition
    this.lengthNs = startNs
  }

  /**
   * Nanoseconds until the rate has summed up to `position` and goes on from there: a position where
   * a pause begins is due when the pause ends. Positions beyond the total are due with the last.
   */
  timeOf(position: number): number {
    const slope = this.#slopeAt(position)
    if (slope === undefined) return Number.POSITIVE_INFINITY
    const { startNs, lengthNs, fromRate, change } = slope
    const within = Math.max(0, position - slope.fromPosition)
    // The root of change/2 · t² + fromRate · t = within, in the form that loses no digits where the
    // change is nearly nothing.
    const rate =
      change === 0 ? fromRate : Math.sqrt(Math.max(0, fromRate * fromRate + 2 * change * within))
    // At the foot of a ramp there is no rate yet, and nothing before the position.
    if (fromRate + rate === 0) return startNs
    return startNs + Math.min((2 * within * NS_PER_SECOND) / (fromRate + rate), lengthNs)
  }

  #slopeAt(position: number): Slope | undefined {
    const slopes = this.#slopes
    let at = this.#at
    let slope = slopes[at]
    while (slope !== undefined && at > 0 && position < slope.fromPosition) {
      at -= 1
      slope = slopes[at]
    }
    while (
      slope !== undefined &&
      at < slopes.length - 1 &&
      position > slope.toPosition - POSITION_TOLERANCE
    ) {
      at += 1
      slope = slopes[at]
    }
    this.#at = at
    return slope
  }
}
