import type { PayloadBytes } from '../config/scenario.ts'
import { hashOf } from './random.ts'

/**
 * The MessagePack size of each message's payload. Nothing but the seed and the message decides it,
 * so whoever reads a message knows its size as well as who wrote it.
 */
export class PayloadSizes {
  /** 0 when all sizes are free. */
  readonly max: number
  readonly #min: number
  readonly #count: number
  readonly #seed: number

  /** Of `seed`, the low 32 bits count. */
  constructor(bytes: PayloadBytes | undefined, seed: number) {
    this.max = bytes?.max ?? 0
    this.#min = bytes?.min ?? 0
    this.#count = this.max - this.#min + 1
    this.#seed = seed
  }

  /** 0 when the size is free. */
  of(producer: number, sequence: number): number {
    if (this.#count === 1) return this.max
    // Even to 1 in 500: the hash has 4 Gi values, and there are at most 8 Mi sizes.
    return this.#min + (hashOf(this.#seed, producer, sequence) % this.#count)
  }
}
