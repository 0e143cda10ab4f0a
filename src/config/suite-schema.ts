import { z } from 'zod'
import { budgetsSchema } from './budget-schema.ts'
import { outputFile, showValue, takes, text, whole } from './field.ts'
import { serverSchema } from './server-schema.ts'

const PAYLOAD_BYTES_MAX = 8 * 1024 * 1024
const LEASE_MS_MAX = 12 * 3_600_000
const DAY_MS = 24 * 3_600_000
const SCENARIOS_MAX = 1000

const nameSchema = text('text', 120)
  .refine(name => !/[\p{Cc}\u2028\u2029]/u.test(name), takes('text without control characters'))
  .describe('Name of the scenario in tests, tables and reports; no two may share one.')

/** A scenario after merging: what is still missing here is an error. */
export const scenarioSchema = z.strictObject({
  name: nameSchema,
  msgs: whole(1, 100_000_000).describe('Messages to produce, by all producers together.'),
  producers: whole(1, 10_000).describe('Producers at the same time, a connection each.'),
  consumers: whole(1, 10_000).describe('Consumers at the same time, a connection each.'),
  payloadBytes: whole(1, PAYLOAD_BYTES_MAX)
    .exactOptional()
    .describe("MessagePack size of each payload in bytes; without it, the seed's own payload."),
  leaseMs: whole(1, LEASE_MS_MAX)
    .default(30_000)
    .describe('How long a consumer may hold a message before it is delivered again.'),
  idleBackoffMs: whole(1, DAY_MS)
    .default(1)
    .describe("A consumer's first wait after an empty answer; doubles up to idleBackoffMaxMs."),
  idleBackoffMaxMs: whole(1, DAY_MS)
    .exactOptional()
    .describe('The longest wait after an empty answer; default: the larger of 16 and consumers/4.'),
  pipeline: whole(1, 1024).default(1).describe('Requests outstanding at once on each connection.'),
  threads: whole(1, 64).exactOptional().describe('Threads that make the load; default: automatic.'),
  warmupMsgs: whole(0, 10_000_000)
    .default(1000)
    .describe('Messages sent before the measurement on a log of their own, outside all figures.'),
  stallTimeoutMs: whole(1, DAY_MS)
    .default(10_000)
    .describe('No progress for so long, beyond a running lease, ends the run with a diagnosis.'),
  timeoutMs: whole(1, DAY_MS)
    .exactOptional()
    .describe('The longest that the whole scenario may take; default: computed from its size.'),
  budgets: budgetsSchema.exactOptional(),
})

const { name: _, ...scenarioKeys } = scenarioSchema.partial().shape

const outputSchema = z
  .strictObject(
    {
      cli: z
        .boolean(takes('true or false'))
        .default(true)
        .describe('Print the table in the terminal.'),
      html: outputFile().default('reports/report.html').describe('HTML report, or false for none.'),
      json: outputFile()
        .default('reports/results.json')
        .describe('JSON results, or false for none.'),
    },
    takes('an object with cli, html or json'),
  )
  .superRefine(({ html, json }, context) => {
    if (html === false || html !== json) return
    const message = `Cannot write html and json to one file: both are ${showValue(html)}`
    context.addIssue({ code: 'custom', path: ['json'], message })
  })

/** The suite file as people write it; `scenarioSchema` checks the scenarios again after merging. */
export const suiteSchema = z.strictObject(
  {
    $schema: z.string(takes('text')).optional().describe('The JSON Schema, for editors.'),
    output: outputSchema.prefault({}).describe('Where results go.'),
    server: serverSchema.prefault('embedded').describe('The server under test.'),
    defaults: z
      .strictObject(scenarioKeys, takes('an object of scenario keys'))
      .optional()
      .describe('Keys for every scenario that does not set them itself; budgets merge by metric.'),
    scenarios: z
      .array(
        z.strictObject({ name: nameSchema, ...scenarioKeys }, takes('an object')),
        takes(`a list of 1 to ${SCENARIOS_MAX} scenarios`),
      )
      .min(1, takes(`a list of 1 to ${SCENARIOS_MAX} scenarios`))
      .max(SCENARIOS_MAX, takes(`a list of 1 to ${SCENARIOS_MAX} scenarios`))
      .describe('What is measured, one after the other.'),
  },
  takes('an object'),
)
