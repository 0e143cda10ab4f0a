import type { TextWriter } from '../driver/driver.ts'
import { textBytesIn } from '../driver/text-payload.ts'
import { type Assignment, firstMessageOf, messagesOf } from '../ledger/assignment.ts'
import type { PayloadSizes } from './payload-sizes.ts'

/** What `readIdentity` returns when there is no message number to return. */
export const CORRUPTED = -1
/** Well-formed, and of a message that this run does not have. */
export const UNKNOWN = -2

const PREFIX = Buffer.from('bench-')
const DASH = 0x2d
const ZERO = 0x30
/** Fills the text up to a wanted size, behind the identity. */
const PADDING = 0x2e
/** From here on, a native comparison beats a loop. */
const NATIVE_COMPARE_BYTES = 96

/**
 * The text of a producer's messages: `bench-<producer>-<sequence>`, padded with dots where the
 * size of the payload is given.
 */
export class IdentityWriter implements TextWriter {
  readonly #producer: number
  readonly #prefix: Buffer
  readonly #sizes: PayloadSizes

  constructor(producer: number, sizes: PayloadSizes) {
    this.#producer = producer
    this.#prefix = Buffer.concat([PREFIX, Buffer.from(`${producer}-`)])
    this.#sizes = sizes
  }

  payloadBytesOf(sequence: number): number {
    return this.#sizes.of(this.#producer, sequence)
  }

  textBytesOf(sequence: number): number {
    return this.#prefix.length + digitsOf(sequence)
  }

  write(target: Uint8Array, offset: number, sequence: number, textBytes: number): void {
    const prefix = this.#prefix
    for (let index = 0; index < prefix.length; index += 1) {
      target[offset + index] = prefix[index] ?? 0
    }
    const digits = digitsOf(sequence)
    const digitsEnd = offset + prefix.length + digits
    let rest = sequence
    for (let at = digitsEnd - 1; at >= digitsEnd - digits; at -= 1) {
      target[at] = ZERO + (rest % 10)
      // Whole numbers below 2^31: a division that is a multiplication.
      rest = (rest / 10) | 0
    }
    const end = offset + textBytes
    if (end > digitsEnd) target.fill(PADDING, digitsEnd, end)
  }
}

/** Tells which message of `assignment` a text names, and whether each byte of it is as written. */
export class IdentityReader {
  readonly #assignment: Assignment
  readonly #sizes: PayloadSizes
  readonly #padding: Buffer
  #at = 0

  constructor(assignment: Assignment, sizes: PayloadSizes) {
    this.#assignment = assignment
    this.#sizes = sizes
    this.#padding = Buffer.alloc(sizes.max, PADDING)
  }

  /** Returns the number of the message, `CORRUPTED` or `UNKNOWN`. */
  read(bytes: Buffer, start: number, end: number): number {
    if (end - start < PREFIX.length) return CORRUPTED
    for (let index = 0; index < PREFIX.length; index += 1) {
      if (bytes[start + index] !== PREFIX[index]) return CORRUPTED
    }
    const producer = this.#number(bytes, start + PREFIX.length, end)
    if (producer < 0 || this.#at >= end || bytes[this.#at] !== DASH) return CORRUPTED
    const sequence = this.#number(bytes, this.#at + 1, end)
    if (sequence < 0) return CORRUPTED
    const payloadBytes = this.#sizes.of(producer, sequence)
    if (!this.#restIsPadding(bytes, payloadBytes, start, end)) return CORRUPTED
    const assignment = this.#assignment
    if (producer >= assignment.producers || sequence >= messagesOf(assignment, producer)) {
      return UNKNOWN
    }
    return firstMessageOf(assignment, producer) + sequence
  }

  #restIsPadding(bytes: Buffer, payloadBytes: number, start: number, end: number): boolean {
    if (payloadBytes === 0) return this.#at === end
    if (end - start !== textBytesIn(payloadBytes)) return false
    const paddingBytes = end - this.#at
    if (paddingBytes >= NATIVE_COMPARE_BYTES) {
      return bytes.compare(this.#padding, 0, paddingBytes, this.#at, end) === 0
    }
    for (let at = this.#at; at < end; at += 1) {
      if (bytes[at] !== PADDING) return false
    }
    return true
  }

  /** A decimal number as `IdentityWriter` writes it; leaves `#at` behind it, or returns -1. */
  #number(bytes: Buffer, start: number, end: number): number {
    let value = 0
    let at = start
    while (at < end) {
      const digit = (bytes[at] ?? 0) - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      at += 1
    }
    this.#at = at
    const isCanonical =
      at > start && at - start <= 15 && (bytes[start] !== ZERO || at === start + 1)
    return isCanonical ? value : -1
  }
}

function digitsOf(value: number): number {
  let digits = 1
  for (let limit = 10; value >= limit; limit *= 10) digits += 1
  return digits
}
