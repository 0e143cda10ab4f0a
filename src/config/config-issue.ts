import { z } from 'zod'
import { type ConfigPath, completeRefusal, pathOf, showPath, showValue } from './field.ts'
import { nearestName } from './nearest-name.ts'

/** One thing that is wrong in a value, not yet located in a text. */
export interface ConfigIssue {
  readonly path: ConfigPath
  readonly message: string
}

export type ValueCheck<Schema extends z.ZodType> =
  | { readonly kind: 'valid'; readonly data: z.output<Schema> }
  | { readonly kind: 'invalid'; readonly issues: readonly ConfigIssue[] }

/**
 * What `schema` makes of a value, or all that it refuses, in our words. `root` is what to call the
 * value as a whole, as in `in the suite`. An object with an unknown key is not reproached for what
 * that key was meant to say.
 */
export function checkValue<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  root: string,
): ValueCheck<Schema> {
  const parsed = schema.safeParse(value, { reportInput: true })
  if (parsed.success) return { kind: 'valid', data: parsed.data }
  const issues = flattenAll(parsed.error.issues, [], { schema, root })
  return { kind: 'invalid', issues: withoutRepeats(issues) }
}

/**
 * Keeps the first of those that say the same of the same place: one value can break two rules of
 * one sentence, and one key can be wrong in every scenario that takes it.
 */
export function withoutRepeats(issues: readonly ConfigIssue[]): ConfigIssue[] {
  const seen = new Set<string>()
  return issues.filter(({ path, message }) => {
    const key = `${path.join()} ${message}`
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

interface Asked {
  readonly schema: z.ZodType
  readonly root: string
}

function flattenAll(
  issues: readonly z.core.$ZodIssue[],
  parent: ConfigPath,
  asked: Asked,
): ConfigIssue[] {
  const misspelt = new Set(
    issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path.join()),
  )
  return issues
    .filter(({ code, path }) => code !== 'custom' || !misspelt.has(path.join()))
    .flatMap(issue => flatten(issue, parent, asked))
}

function flatten(issue: z.core.$ZodIssue, parent: ConfigPath, asked: Asked): ConfigIssue[] {
  const path = [...parent, ...pathOf(issue.path)]
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(asked.schema, path)
    return issue.keys.map(key => ({
      path: [...path, key],
      message: `Cannot use the unknown key ${showValue(key)} in ${showPath(path, asked.root)}: ${advice(key, known)}`,
    }))
  }
  if (issue.code === 'invalid_union') {
    // The branch that was meant is the one that takes the value's type.
    const meant = issue.errors.find(branch => branch.every(takesTheType))
    if (meant !== undefined) return flattenAll(meant, path, asked)
  }
  return [{ path, message: completeRefusal(issue.message, issue.input, path) }]
}

function takesTheType(issue: z.core.$ZodIssue): boolean {
  if (issue.path.length > 0) return true
  if (issue.code === 'invalid_value') return false
  if (issue.code !== 'invalid_type') return true
  // NaN and fractions are refused as another type, and are numbers all the same.
  return typeof issue.input === 'number' && ['number', 'int'].includes(issue.expected)
}

/** What to write instead of `name`: the nearest known name, or all of them. */
export function advice(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  return nearest === undefined
    ? `the known names are ${known.join(', ')}`
    : `did you mean ${showValue(nearest)}?`
}

function knownKeys(schema: unknown, path: ConfigPath): string[] {
  if (schema instanceof z.ZodObject) {
    const [head, ...rest] = path
    return head === undefined ? Object.keys(schema.shape) : knownKeys(schema.shape[head], rest)
  }
  if (schema instanceof z.ZodArray) return knownKeys(schema.element, path.slice(1))
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(one => knownKeys(one, path))
  if (schema instanceof z.ZodPipe) return knownKeys(schema.in, path)
  const wrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  return wrapped ? knownKeys(schema.unwrap(), path) : []
}
