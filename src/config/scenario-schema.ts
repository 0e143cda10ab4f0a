import { z } from 'zod'
import { budgetsSchema } from './budget-schema.ts'
import { positiveRange, takes, text, whole, wholeRange } from './field.ts'
import { loadShape, RATE_MAX } from './load-schema.ts'
import { payloadBytesSchema } from './payload-schema.ts'
import { payloadBytesSweep, sweepOf } from './sweep-schema.ts'

export const NAME_LENGTH_MAX = 120

const PARTICIPANTS_MAX = 10_000
const PIPELINE_MAX = 1024
const LEASE_MS_MAX = 12 * 3_600_000
const DAY_MS = 24 * 3_600_000
const ROUNDS_MAX = 100
const SEED_MAX = 2 ** 32 - 1

export const nameSchema = text('text', NAME_LENGTH_MAX)
  .refine(name => !/[\p{Cc}\u2028\u2029]/u.test(name), takes('text without control characters'))
  .describe('Name of the scenario in tests, tables and reports; no two may share one.')

/** One scenario after merging and sweeping: what is still missing here is an error. */
export const scenarioSchema = z.strictObject({
  name: nameSchema,
  ...loadShape,
  producers: whole(1, PARTICIPANTS_MAX).describe('Producers at the same time, a connection each.'),
  consumers: whole(1, PARTICIPANTS_MAX).describe('Consumers at the same time, a connection each.'),
  mode: z
    .enum(['concurrent', 'produce', 'drain'], takes('"concurrent", "produce" or "drain"'))
    .default('concurrent')
    .describe('What is timed: producers and consumers at once, only the one, or only the other.'),
  payloadBytes: payloadBytesSchema
    .exactOptional()
    .describe(
      "MessagePack size of each payload in bytes, or [min, max]; without it, the seed's own payload.",
    ),
  leaseMs: whole(1, LEASE_MS_MAX)
    .default(30_000)
    .describe('How long a consumer may hold a message before it is delivered again.'),
  processingMs: whole(0, DAY_MS)
    .default(0)
    .describe('How long a consumer works on a message before it settles it.'),
  idleBackoffMs: whole(1, DAY_MS)
    .default(1)
    .describe("A consumer's first wait after an empty answer; doubles up to idleBackoffMaxMs."),
  idleBackoffMaxMs: whole(1, DAY_MS)
    .exactOptional()
    .describe('The longest wait after an empty answer; default: the larger of 16 and consumers/4.'),
  pipeline: whole(1, PIPELINE_MAX)
    .exactOptional()
    .describe(
      'Requests outstanding at once on each connection; default: 1, but 1024 for the producers of an open loop.',
    ),
  threads: whole(1, 64)
    .exactOptional()
    .describe('Threads that make the load; default: one less than there are cores, at most 4.'),
  warmupMsgs: whole(0, 10_000_000)
    .default(1000)
    .describe('Messages sent before the measurement on a log of their own, outside all figures.'),
  rounds: whole(1, ROUNDS_MAX)
    .default(1)
    .describe('How often the scenario is measured; its figures are the medians.'),
  seed: whole(0, SEED_MAX)
    .default(1)
    .describe('Of everything random: the same seed gives the same arrivals and payload sizes.'),
  stallTimeoutMs: whole(1, DAY_MS)
    .default(10_000)
    .describe('No progress for so long, beyond a running lease, ends the run with a diagnosis.'),
  timeoutMs: whole(1, DAY_MS)
    .exactOptional()
    .describe('The longest that the whole scenario may take; default: computed from its size.'),
  budgets: budgetsSchema.exactOptional(),
})

const { name: _, ...plainKeys } = scenarioSchema.partial().shape
const { producers, consumers, pipeline, rate, payloadBytes } = scenarioSchema.shape

/** Keys as people write them, in a scenario or in defaults: five of them take a list to sweep. */
export const writtenShape = {
  ...plainKeys,
  producers: swept(sweepOf(producers, wholeRange(1, PARTICIPANTS_MAX)), producers),
  consumers: swept(sweepOf(consumers, wholeRange(1, PARTICIPANTS_MAX)), consumers),
  pipeline: swept(sweepOf(pipeline.unwrap(), wholeRange(1, PIPELINE_MAX)), pipeline),
  rate: swept(sweepOf(rate.unwrap(), positiveRange(RATE_MAX)), rate),
  payloadBytes: swept(payloadBytesSweep(), payloadBytes),
}

function swept<Schema extends z.ZodType>(schema: Schema, plain: z.ZodType) {
  return schema
    .optional()
    .describe(`${plain.description} A list is a sweep: one scenario for each of its values.`)
}
