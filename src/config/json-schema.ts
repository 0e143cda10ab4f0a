import { z } from 'zod'
import { suiteSchema } from './suite-schema.ts'

/** JSON Schema (draft 2020-12) of the suite file as people write it, for editors. */
export function suiteJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(suiteSchema, {
    io: 'input',
    target: 'draft-2020-12',
  })
  return { $schema, title: 'Mamamia benchmark suite', ...schema }
}
