import type { Address } from '../address.ts'

/** What a load thread must know of a phase; travels as a structured clone. */
export interface PhasePlan {
  readonly address: Address
  readonly logId: string
  readonly groupId: string
  readonly msgs: number
  readonly producers: number
  readonly consumers: number
  readonly pipeline: number
  readonly payloadBytes: number | undefined
  readonly leaseMs: number
  readonly idleBackoffMs: number
  readonly idleBackoffMaxMs: number
  readonly requestTimeoutMs: number
}

/** One thread's part of a phase. Participants are dealt out in turn. */
export interface ThreadPart {
  readonly plan: PhasePlan
  /** From 0. */
  readonly thread: number
  readonly threads: number
  readonly ledger: SharedArrayBuffer
  readonly board: SharedArrayBuffer
}

/** The numbers below `count` that belong to `part`. */
export function dealt(count: number, part: ThreadPart): number[] {
  const numbers: number[] = []
  for (let number = part.thread; number < count; number += part.threads) numbers.push(number)
  return numbers
}
