import type { ConfigPath } from './field.ts'
import type { Keys } from './outline.ts'
import { isRange } from './payload-schema.ts'
import { labelOf } from './sweep-schema.ts'

/** The keys that take a list of values, in the order in which a name has them. */
const SWEEP_KEYS = ['producers', 'consumers', 'pipeline', 'rate', 'payloadBytes'] as const

/** One scenario of a sweep, or the only one of an entry without. */
export interface Combination {
  /** No list of values is left in them. */
  readonly keys: Keys
  /** The values, as in `producers=2, consumers=4`; empty where nothing is swept. */
  readonly label: string
  /** Adds to a path from the scenario which item of a swept key is meant. */
  readonly placeOf: (path: ConfigPath) => ConfigPath
}

/** The keys of an entry that have lists of values. */
export function sweptKeys(keys: Keys): readonly string[] {
  return SWEEP_KEYS.filter(
    key => Array.isArray(keys[key]) && !(key === 'payloadBytes' && isRange(keys[key])),
  )
}

/** How many scenarios an entry makes. */
export function countCombinations(keys: Keys): number {
  return sweptKeys(keys).reduce((count, key) => count * valuesOf(keys, key).length, 1)
}

/** All scenarios of an entry; the first key varies slowest. To limit their number is the caller's. */
export function combinationsOf(keys: Keys): Combination[] {
  let choices: (readonly (readonly [key: string, index: number])[])[] = [[]]
  for (const key of sweptKeys(keys)) {
    const indexes = [...valuesOf(keys, key).keys()]
    choices = choices.flatMap(choice => indexes.map(index => [...choice, [key, index] as const]))
  }
  return choices.map(choice => combine(keys, new Map(choice)))
}

function combine(keys: Keys, choice: ReadonlyMap<unknown, number>): Combination {
  const values = [...choice].map(
    ([key, index]) => [key, valuesOf(keys, String(key))[index]] as const,
  )
  return {
    keys: { ...keys, ...Object.fromEntries(values) },
    label: values.map(([key, value]) => `${key}=${labelOf(value)}`).join(', '),
    placeOf: ([key = '', ...rest]) => {
      const index = choice.get(key)
      return index === undefined ? [key, ...rest] : [key, index, ...rest]
    },
  }
}

function valuesOf(keys: Keys, key: string): readonly unknown[] {
  const value = keys[key]
  return Array.isArray(value) ? value : []
}
