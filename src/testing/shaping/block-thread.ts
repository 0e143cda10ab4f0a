import { NS_PER_MS, systemClock } from '../../clock.ts'

/** Times of CLOCK_MONOTONIC. */
export interface Span {
  readonly beganNs: number
  readonly endedNs: number
}

/** The wait of the kernel comes back late, so its last part is spent looking at the clock. */
const SPIN_NS = NS_PER_MS

/** Stops this thread for `lengthNs`, event loop and all; returns when that began and ended. */
export function blockThread(lengthNs: number): Span {
  const beganNs = systemClock.nowNs()
  const cell = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(cell, 0, 0, Math.max(0, (lengthNs - SPIN_NS) / NS_PER_MS))
  let endedNs = systemClock.nowNs()
  while (endedNs - beganNs < lengthNs) endedNs = systemClock.nowNs()
  return { beganNs, endedNs }
}
