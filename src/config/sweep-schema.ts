import { z } from 'zod'
import { showValue, takes } from './field.ts'
import {
  isRange,
  PAYLOAD_BYTES,
  payloadBytesSchema,
  payloadSizeSchema,
  refuseOrder,
} from './payload-schema.ts'

const SWEEP_VALUES_MAX = 100

/** Takes what `item` takes, or a list of such values. `what` says in words what `item` takes. */
export function sweepOf<Item extends z.ZodType>(item: Item, what: string) {
  const refusal = refusalOf(what)
  return z.union([item, listOf(item, refusal).superRefine(refuseRepeats)], refusal)
}

/** Sizes, ranges and lists of both, where a list of two plain sizes is one range. */
export function payloadBytesSweep() {
  const refusal = refusalOf(PAYLOAD_BYTES)
  const list = listOf(payloadBytesSchema, refusal).superRefine((values, context) => {
    if (isRange(values)) refuseOrder(values, context)
    else refuseRepeats(values, context)
  })
  return z.union([payloadSizeSchema, list], refusal)
}

/** A value in the name of a scenario; values of one label are the same. */
export function labelOf(value: unknown): string {
  if (!isRange(value)) return typeof value === 'number' ? String(value) : showValue(value)
  const [min, max] = value
  return min === max ? String(min) : `${min}..${max}`
}

type Refusal = ReturnType<typeof takes>

function refusalOf(what: string): Refusal {
  return takes(`${what}, or a list of 1 to ${SWEEP_VALUES_MAX} of them to sweep`)
}

function listOf<Item extends z.ZodType>(item: Item, refusal: Refusal) {
  return z.array(item, refusal).min(1, refusal).max(SWEEP_VALUES_MAX, refusal)
}

function refuseRepeats(values: readonly unknown[], context: z.RefinementCtx): void {
  const labels = values.map(labelOf)
  labels.forEach((label, index) => {
    const first = labels.indexOf(label)
    if (first === index) return
    const message = `Cannot sweep over ${label} twice: item ${first} of the list is the same`
    context.addIssue({ code: 'custom', path: [index], message })
  })
}
