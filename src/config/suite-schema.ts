import { z } from 'zod'
import { outputFile, showValue, takes, text } from './field.ts'
import { NAME_LENGTH_MAX, nameSchema, writtenShape } from './scenario-schema.ts'
import { serverSchema } from './server-schema.ts'

/** In the list of a file, and again when its sweeps are expanded. */
export const SCENARIOS_MAX = 1000

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

const writtenSchema = z.strictObject(
  {
    name: nameSchema,
    extends: text('the name of another scenario', NAME_LENGTH_MAX)
      .optional()
      .describe('Name of another scenario, whose keys this one takes where it has none itself.'),
    ...writtenShape,
  },
  takes('an object'),
)

const LIST = `a list of 1 to ${SCENARIOS_MAX} scenarios`

/** The suite file as people write it; `scenarioSchema` checks the scenarios again after merging. */
export const suiteSchema = z.strictObject(
  {
    $schema: z.string(takes('text')).optional().describe('The JSON Schema, for editors.'),
    output: outputSchema.prefault({}).describe('Where results go.'),
    server: serverSchema.prefault('embedded').describe('The server under test.'),
    defaults: z
      .strictObject(writtenShape, takes('an object of scenario keys'))
      .optional()
      .describe('Keys for every scenario that does not set them itself; budgets merge by metric.'),
    scenarios: z
      .array(writtenSchema, takes(LIST))
      .min(1, takes(LIST))
      .max(SCENARIOS_MAX, takes(LIST))
      .describe('What is measured, one after the other.'),
  },
  takes('an object'),
)
