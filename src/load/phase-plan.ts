import type { Address } from '../address.ts'
import type { LoadModel, Mode, PayloadBytes } from '../config/scenario.ts'

/** What a load thread must know of a phase; travels as a structured clone. */
export interface PhasePlan {
  readonly address: Address
  readonly logId: string
  readonly groupId: string
  /** In a closed loop that time ends: as many as there can be. */
  readonly msgs: number
  readonly mode: Mode
  readonly load: PhaseLoad
  /** Whether the pacer of an open loop may keep its core busy. */
  readonly spins: boolean
  /** Messages that are due earlier, from the start on, are verified and left out of all figures. */
  readonly steadyFromMs: number
  readonly producers: number
  readonly consumers: number
  readonly pipeline: number
  readonly producerPipeline: number
  readonly payloadBytes: PayloadBytes | undefined
  readonly seed: number
  readonly leaseMs: number
  readonly processingMs: number
  readonly idleBackoffMs: number
  readonly idleBackoffMaxMs: number
  readonly requestTimeoutMs: number
}

export type PhaseLoad = Exclude<LoadModel, { readonly kind: 'find' }>

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
