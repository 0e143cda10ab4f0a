import { z } from 'zod'

/** Keys and indexes from the root of a suite to a value in it. */
export type ConfigPath = readonly (string | number)[]

export function whole(min: number, max: number) {
  const refusal = takes(`a whole number from ${min} to ${max}`)
  return z.int(refusal).min(min, refusal).max(max, refusal)
}

export function text(what: string, lengthMax: number) {
  const refusal = takes(`${what} of 1 to ${lengthMax} characters`)
  return z.string(refusal).trim().min(1, refusal).max(lengthMax, refusal)
}

/** Where a file is written, or `false` for nowhere. */
export function outputFile() {
  return z.union([text('a file path', 4096), z.literal(false)], takes('a file path, or false'))
}

/** Makes a schema that takes `what` refuse in our words, with the value, or that there is none. */
export function takes(what: string): { readonly error: z.core.$ZodErrorMap } {
  return {
    error: ({ code, input, path = [] }) => {
      if (code === 'unrecognized_keys') return undefined
      const key = path.at(-1)
      if (input === undefined && typeof key === 'string') {
        return `Cannot find the key ${showValue(key)}: ${what} is required`
      }
      const name = typeof key === 'string' ? key : showPath(pathOf(path), '')
      const place = name === '' ? 'here' : `as ${name}`
      return `Cannot use ${showValue(input)} ${place}: it takes ${what}`
    },
  }
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
