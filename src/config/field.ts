import { z } from 'zod'

/** Keys and indexes from the root of a suite to a value in it. */
export type ConfigPath = readonly (string | number)[]

export function whole(min: number, max: number) {
  const refusal = takes(wholeRange(min, max))
  return z.int(refusal).min(min, refusal).max(max, refusal)
}

export function wholeRange(min: number, max: number): string {
  return `a whole number from ${min} to ${max}`
}

export function decimal(min: number, max: number) {
  const refusal = takes(`a number from ${min} to ${max}`)
  return z.number(refusal).min(min, refusal).max(max, refusal)
}

export function positive(max: number) {
  const refusal = takes(positiveRange(max))
  return z.number(refusal).positive(refusal).max(max, refusal)
}

export function positiveRange(max: number): string {
  return `a number above 0, at most ${max}`
}

export function text(what: string, lengthMax: number) {
  const refusal = takes(`${what} of 1 to ${lengthMax} characters`)
  return z.string(refusal).trim().min(1, refusal).max(lengthMax, refusal)
}

/** Where a file is written, or `false` for nowhere. */
export function outputFile() {
  return z.union([text('a file path', 4096), z.literal(false)], takes('a file path, or false'))
}

const TAKES = 'it takes '

/** Makes a schema refuse in our words: `completeRefusal` adds the value and the place. */
export function takes(what: string): { readonly error: z.core.$ZodErrorMap } {
  // Zod asks for the text before it knows the whole path, and of a union's branches even later.
  return { error: ({ code }) => (code === 'unrecognized_keys' ? undefined : `${TAKES}${what}`) }
}

/** The sentence of a refusal; a message that is a sentence already stays as it is. */
export function completeRefusal(message: string, value: unknown, path: ConfigPath): string {
  if (!message.startsWith(TAKES)) return message
  const key = path.at(-1)
  if (value === undefined && typeof key === 'string') {
    return `Cannot find the key ${showValue(key)}: ${message.slice(TAKES.length)} is required`
  }
  const name = typeof key === 'string' ? key : showPath(path, '')
  return `Cannot use ${showValue(value)} ${name === '' ? 'here' : `as ${name}`}: ${message}`
}

const VALUE_LENGTH_MAX = 60

export function showValue(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}...` : text
}

/** `scenarios[0].budgets`; the empty path is `root`. */
export function showPath(path: ConfigPath, root: string): string {
  const text = path.map(part => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return text === '' ? root : text.replace(/^\./, '')
}

export function pathOf(path: readonly PropertyKey[]): ConfigPath {
  return path.map(part => (typeof part === 'symbol' ? String(part) : part))
}
