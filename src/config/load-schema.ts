import { z } from 'zod'
import { budgetsSchema } from './budget-schema.ts'
import { decimal, positive, takes, whole } from './field.ts'

export const MSGS_MAX = 100_000_000
export const RATE_MAX = 10_000_000
/** Of a run by its plan; the longest timeout is a day as well. */
export const RUN_SECONDS_MAX = 24 * 3600

const STAGES_MAX = 100
const HOLD_SECONDS_MIN = 0.5
const HOLD_SECONDS_MAX = 3600

const stageSchema = z
  .strictObject(
    {
      rate: decimal(0, RATE_MAX).describe('Messages per second of all producers, at its end.'),
      seconds: positive(RUN_SECONDS_MAX).describe('How long the stage takes.'),
      from: decimal(0, RATE_MAX)
        .optional()
        .describe('The rate at its start, which changes evenly; default: rate, a step.'),
    },
    takes('an object of rate, seconds and perhaps from'),
  )
  .meta({ id: 'Stage' })

/** Doubling and halving come within 5 % of the highest rate in as many holds as a search has. */
const SEARCH_SPAN_MAX = 10_000

const maxRateSchema = z
  .strictObject(
    {
      from: positive(RATE_MAX).describe('The rate that is held first, in messages per second.'),
      to: positive(RATE_MAX).describe('No higher rate is tried.'),
    },
    takes('an object of from and to'),
  )
  .superRefine(({ from, to }, context) => {
    const isFar = from > 0 && to > from * SEARCH_SPAN_MAX && to <= RATE_MAX
    if (to > from && !isFar) return
    const message =
      to > from
        ? `Cannot use ${to} as to: a search reaches no further than ${SEARCH_SPAN_MAX} times from, which is ${from}`
        : `Cannot use ${to} as to: it takes more than from, which is ${from}`
    context.addIssue({ code: 'custom', path: ['to'], message })
  })

const findSchema = z
  .strictObject(
    {
      maxRate: maxRateSchema.describe('Between which rates to search.'),
      while: budgetsSchema.describe('Limits that a rate must keep to pass, by metric.'),
      holdSeconds: decimal(HOLD_SECONDS_MIN, HOLD_SECONDS_MAX)
        .default(2)
        .describe('How long each rate is held.'),
    },
    takes('an object of maxRate, while and perhaps holdSeconds'),
  )
  .superRefine(({ maxRate: { from }, holdSeconds }, context) => {
    if (!(from > 0) || Math.round(from * holdSeconds) >= 1) return
    const message = `Cannot hold ${from} messages per second for ${holdSeconds} seconds: that makes no message`
    context.addIssue({ code: 'custom', path: ['maxRate', 'from'], message })
  })
  .superRefine((find, context) => {
    if (Object.values(find.while).some(limit => limit !== undefined)) return
    const message = 'Cannot use {} as while: it takes at least one metric and its limit'
    context.addIssue({ code: 'custom', path: ['while'], message })
  })
  .meta({ id: 'Find' })

const STAGES = `a list of 1 to ${STAGES_MAX} stages`

/** The keys that say how much is sent, and when. */
export const loadShape = {
  msgs: whole(1, MSGS_MAX)
    .exactOptional()
    .describe('Messages to send, by all producers together. Else: durationSeconds, stages, find.'),
  durationSeconds: positive(RUN_SECONDS_MAX)
    .exactOptional()
    .describe('How long messages are sent, in place of msgs.'),
  rate: positive(RATE_MAX)
    .exactOptional()
    .describe(
      'Open loop: messages per second of all producers, each sent when due, answered or not.',
    ),
  arrival: z.enum(['constant', 'poisson'], takes('"constant" or "poisson"')).exactOptional().meta({
    default: 'constant',
    description: 'How an open loop spaces messages: evenly, or as from many independent senders.',
  }),
  stages: z
    .array(stageSchema, takes(STAGES))
    .min(1, takes(STAGES))
    .max(STAGES_MAX, takes(STAGES))
    .exactOptional()
    .describe('Open loop: rates one after the other, in place of msgs.'),
  find: findSchema
    .exactOptional()
    .describe('Searches for the highest rate that keeps all limits, in place of msgs.'),
}
