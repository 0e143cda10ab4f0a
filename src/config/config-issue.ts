import { z } from 'zod'
import { type ConfigPath, pathOf, showPath, showValue } from './field.ts'
import { nearestName } from './nearest-name.ts'

/** One thing that is wrong in a value, not yet located in a text. */
export interface ConfigIssue {
  readonly path: ConfigPath
  readonly message: string
}

/**
 * What zod refused, in our words; the schema is asked for the names it knows. An object with an
 * unknown key is not reproached for what that key was meant to say.
 */
export function issuesOf(error: z.ZodError, asked: Asked): ConfigIssue[] {
  const issues = flattenAll(error.issues, [], asked)
  // One value can break two rules of one sentence, such as whole and at most.
  return [...new Map(issues.map(one => [`${one.path.join()} ${one.message}`, one])).values()]
}

interface Asked {
  readonly schema: z.ZodType
  /** What to call the value as a whole, as in `in the suite`. */
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

const WRONG_TYPE: ReadonlySet<string | undefined> = new Set(['invalid_type', 'invalid_value'])

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
    const meant = issue.errors.find(branch =>
      branch.every(({ code, path }) => path.length > 0 || !WRONG_TYPE.has(code)),
    )
    if (meant !== undefined) return flattenAll(meant, path, asked)
  }
  return [{ path, message: issue.message }]
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
