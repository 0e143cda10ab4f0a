import type { ConfigIssue } from './config-issue.ts'
import { withoutContradicted } from './contradictions.ts'
import { type ConfigPath, showValue } from './field.ts'
import { nearestName } from './nearest-name.ts'
import { type Keys, keysOf, type Outline } from './outline.ts'
import { nameSchema } from './scenario-schema.ts'

/** What each entry of a suite has: its own keys, over those it extends, over defaults. */
export interface Inheritance {
  /** `undefined` where that cannot be known; the reason is an issue of ours, or of the schema. */
  readonly entries: readonly (Entry | undefined)[]
  readonly issues: readonly ConfigIssue[]
  /** Where what a scenario has at `path` is written: there, in a base of it, or in defaults. */
  readonly originOf: (path: ConfigPath) => ConfigPath
  /** The origin of that one of several paths of a scenario that is written nearest to it. */
  readonly nearestOf: (paths: readonly ConfigPath[]) => ConfigPath
}

export interface Entry {
  /** Merged; without `extends`. */
  readonly keys: Keys
  /** Index of the entry that it extends. */
  readonly base: number | undefined
}

export function inherit({ defaults, scenarios }: Outline): Inheritance {
  const bases = readBases(scenarios)
  const lineages = scenarios.map((_, index) => lineageOf(bases, index))
  const merged = new Map<number, Keys>()
  const withBases = (index: number): Keys => {
    const { name, extends: _, ...own } = scenarios[index] ?? {}
    const base = bases[index]
    const keys =
      merged.get(index) ?? (base?.kind === 'entry' ? over(own, withBases(base.index)) : own)
    merged.set(index, keys)
    return keys
  }

  const entries = scenarios.map((written, index): Entry | undefined => {
    const lineage = lineages[index] ?? []
    const isKnown = lineage.every(one => scenarios[one] !== null && bases[one]?.kind !== 'unknown')
    if (written === null || !isKnown) return undefined
    const name = 'name' in written ? { name: written.name } : {}
    return { keys: { ...over(withBases(index), defaults), ...name }, base: lineage[1] }
  })

  const findOrigin = (path: ConfigPath): Origin => {
    const [list, index, ...keyPath] = path
    const lineage = typeof index === 'number' ? lineages[index] : undefined
    if (list !== 'scenarios' || lineage === undefined) return { path, distance: 0 }
    const levels = [
      ...lineage.map((one): Level => ({ keys: scenarios[one] ?? {}, path: ['scenarios', one] })),
      { keys: defaults, path: ['defaults'] },
    ]
    const distance = distanceOf(levels, keyPath)
    return { path: [...(levels[distance]?.path ?? []), ...keyPath], distance }
  }

  return {
    entries,
    issues: bases.flatMap((base, index) =>
      base.kind === 'unknown' && base.message !== undefined
        ? [{ path: ['scenarios', index, 'extends'], message: base.message }]
        : [],
    ),
    originOf: path => findOrigin(path).path,
    nearestOf: paths => {
      const [nearest] = paths.map(findOrigin).sort((a, b) => a.distance - b.distance)
      return nearest?.path ?? []
    },
  }
}

/** `lower` completes `upper`; budgets do so metric by metric. */
function over(upper: Keys, lower: Keys): Keys {
  return {
    ...withoutContradicted(lower, upper),
    ...upper,
    budgets: { ...keysOf(lower.budgets), ...keysOf(upper.budgets) },
  }
}

interface Origin {
  readonly path: ConfigPath
  /** 0 for the scenario itself, and more for what is stated less specifically. */
  readonly distance: number
}

interface Level {
  readonly keys: Keys
  readonly path: ConfigPath
}

const NEVER_INHERITED: readonly unknown[] = ['name', 'extends']

/** Index of the first level that has the key, or the metric of a budget; 0 where none has it. */
function distanceOf(levels: readonly Level[], [key, metric]: ConfigPath): number {
  if (key === undefined || NEVER_INHERITED.includes(key)) return 0
  const isOfMetric = key === 'budgets' && metric !== undefined
  const ofMetric = levels.findIndex(({ keys }) => isOfMetric && metric in keysOf(keys.budgets))
  const ofKey = levels.findIndex(({ keys }) => key in keys)
  return Math.max(0, ofMetric >= 0 ? ofMetric : ofKey)
}

type Base =
  | { readonly kind: 'none' }
  | { readonly kind: 'entry'; readonly index: number }
  /** Without a message where the schema has refused what is written. */
  | { readonly kind: 'unknown'; readonly message?: string }

function readBases(scenarios: Outline['scenarios']): readonly Base[] {
  const names = scenarios.map(written => nameIn(written?.name))
  const direct = scenarios.map((written, index): Base => {
    if (written === null || !('extends' in written)) return { kind: 'none' }
    const wanted = nameIn(written.extends)
    if (wanted === undefined) return { kind: 'unknown' }
    const refuse = (reason: string): Base => ({
      kind: 'unknown',
      message: `Cannot use ${showValue(wanted)} as extends: ${reason}`,
    })
    if (wanted === names[index]) return refuse('a scenario cannot extend itself')
    const found = names.indexOf(wanted)
    if (found >= 0) return { kind: 'entry', index: found }
    const others = names.filter(name => name !== undefined).filter(name => name !== names[index])
    const nearest = nearestName(wanted, others)
    const advice = nearest === undefined ? '' : `; did you mean ${showValue(nearest)}?`
    return refuse(`no scenario has that name${advice}`)
  })
  return direct.map((base, index) => {
    if (base.kind !== 'entry') return base
    const circle = lineageOf(direct, index)
    const last = direct[circle.at(-1) ?? index]
    if (last?.kind !== 'entry' || last.index !== index) return base
    return { kind: 'unknown', message: messageOfCircle(circle.map(one => names[one] ?? '')) }
  })
}

const CIRCLE_SHOWN_MAX = 5

function messageOfCircle(names: readonly string[]): string {
  const shown = [...names, ...names.slice(0, 1)].map(showValue)
  const middle = shown.length > CIRCLE_SHOWN_MAX ? ['...'] : shown.slice(2, -1)
  const circle = [...shown.slice(0, 2), ...middle, ...shown.slice(-1)].join(' → ')
  return `Cannot use ${shown[1]} as extends: it comes back to the scenario itself, as ${circle}`
}

function nameIn(written: unknown): string | undefined {
  return nameSchema.safeParse(written).data
}

/** The entry and those it extends, from the nearest; stops where one would come again. */
function lineageOf(bases: readonly Base[], index: number): number[] {
  const lineage = new Set([index])
  for (let base = bases[index]; base?.kind === 'entry'; base = bases[base.index]) {
    if (lineage.has(base.index)) break
    lineage.add(base.index)
  }
  return [...lineage]
}
