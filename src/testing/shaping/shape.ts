import { NS_PER_SECOND } from '../../clock.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from '../../wire/frame.ts'

/** How a shaped server differs from the product's own. */
export interface Shape {
  /** How long after its arrival a request is served and answered, whatever waits beside it. */
  readonly produceDelayNs: number
  readonly acquireDelayNs: number
  readonly settleDelayNs: number
  /** PRODUCE requests served in a second at most, of all connections together. */
  readonly ratePerSecond: number | undefined
  readonly pause: ShapedPause | undefined
}

/** For `lengthNs` the server does nothing at all, `afterNs` after the first PRODUCE arrived. */
export interface ShapedPause {
  readonly afterNs: number
  readonly lengthNs: number
}

/**
 * When a request that arrived at `arrivalNs` is to be served. Call it for every request, in order
 * of arrival; a command that is not known has no delay.
 *
 * With a rate, a PRODUCE first waits for its turn, and its delay comes on top. The turns are at
 * least 1/rate apart, so time without requests earns no burst: the n-th is never served earlier
 * than the first + n/rate.
 */
export type DueTimes = (command: number | undefined, arrivalNs: number) => number

export function dueTimes(shape: Shape): DueTimes {
  const { produceDelayNs, acquireDelayNs, settleDelayNs, ratePerSecond } = shape
  const intervalNs = ratePerSecond === undefined ? 0 : NS_PER_SECOND / ratePerSecond
  let nextTurnNs = 0
  return (command, arrivalNs) => {
    switch (command) {
      case PRODUCE: {
        const turnNs = Math.max(arrivalNs, nextTurnNs)
        nextTurnNs = turnNs + intervalNs
        return turnNs + produceDelayNs
      }
      case ACQUIRE_NEXT:
        return arrivalNs + acquireDelayNs
      case SETTLE:
        return arrivalNs + settleDelayNs
      default:
        return arrivalNs
    }
  }
}
