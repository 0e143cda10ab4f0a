/**
 * Time as the rest of the project sees it. Everything that waits or measures takes a `Clock`, so
 * that the code that runs on sockets also runs in a simulation.
 */
export interface Clock {
  /**
   * Nanoseconds since an arbitrary origin that all threads and processes of this machine share;
   * never goes back. A double holds it exactly for 104 days of uptime, then to 2 ns.
   */
  nowNs(): number
  /** Calls `callback` once after `delayMs`; the returned timer keeps the process alive. */
  setTimer(callback: () => void, delayMs: number): Timer
  /** Calls `callback` once in the next turn of the event loop, after pending I/O. */
  nextTurn(callback: () => void): Timer
}

export interface Timer {
  /** Harmless after the timer has fired. */
  cancel(): void
}

/** CLOCK_MONOTONIC: unlike `performance.now()` its origin does not differ between threads. */
export const systemClock: Clock = {
  nowNs: () => Number(process.hrtime.bigint()),
  setTimer(callback, delayMs) {
    const timeout = setTimeout(callback, delayMs)
    return { cancel: () => clearTimeout(timeout) }
  },
  nextTurn(callback) {
    const immediate = setImmediate(callback)
    return { cancel: () => clearImmediate(immediate) }
  },
}

export const NS_PER_MS = 1e6
export const NS_PER_SECOND = 1e9

/** Resolves after `delayMs`, or rejects with the reason of `signal` if that comes first. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const timer = clock.setTimer(() => {
      signal?.removeEventListener('abort', abandon)
      resolve()
    }, delayMs)
    const abandon = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abandon, { once: true })
  })
}
