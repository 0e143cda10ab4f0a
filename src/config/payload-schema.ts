import { z } from 'zod'
import { takes, whole, wholeRange } from './field.ts'
import type { PayloadBytes } from './scenario.ts'

const PAYLOAD_BYTES_MAX = 8 * 1024 * 1024

/** One size. */
export const payloadSizeSchema = whole(1, PAYLOAD_BYTES_MAX)

/** What the payloads of one scenario take, in words. */
export const PAYLOAD_BYTES = `${wholeRange(1, PAYLOAD_BYTES_MAX)}, or a range as [min, max]`

const rangeSchema = z
  .tuple([payloadSizeSchema, payloadSizeSchema], takes('a range as [min, max]'))
  .superRefine(refuseOrder)

/** Of one scenario: a size, or the smallest and the largest. */
export const payloadBytesSchema = z.union([payloadSizeSchema, rangeSchema], takes(PAYLOAD_BYTES))

export function payloadBytesOf(written: z.output<typeof payloadBytesSchema>): PayloadBytes {
  const [min, max] = typeof written === 'number' ? [written, written] : written
  return { min, max }
}

/** Two plain sizes are a range; other lists are a sweep. */
export function isRange(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(size => typeof size === 'number')
}

export function refuseOrder([min, max]: readonly [number, number], context: z.RefinementCtx): void {
  if (min <= max) return
  const reason = 'the first size of a range is the smaller one'
  const advice = `; two sizes to sweep are [[${min},${min}],[${max},${max}]]`
  context.addIssue(`Cannot use [${min},${max}] as a range of payloadBytes: ${reason}${advice}`)
}
