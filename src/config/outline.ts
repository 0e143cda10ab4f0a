import { z } from 'zod'

/** An object whose keys were not checked yet; none of them is `undefined`. */
export type Keys = Readonly<Record<string, unknown>>

/** What can be known of a suite whose parts may be wrong. */
export interface Outline {
  readonly server?: unknown
  readonly output: Keys
  readonly defaults: Keys
  /** `null` where an entry is no object. */
  readonly scenarios: readonly (Keys | null)[]
}

export function outlineOf(value: unknown): Outline {
  return outlineSchema.parse(value)
}

/** The keys of an object; none, where `value` is no object. */
export function keysOf(value: unknown): Keys {
  return keysSchema.catch({}).parse(value)
}

const keysSchema = z
  .record(z.string(), z.unknown())
  .transform(record =>
    Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)),
  )

const outlineSchema = keysSchema.catch({}).pipe(
  z.object({
    server: z.unknown().exactOptional(),
    output: keysSchema.catch({}),
    defaults: keysSchema.catch({}),
    scenarios: z.array(keysSchema.nullable().catch(null)).catch([]),
  }),
)
