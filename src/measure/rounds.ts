import { METRICS, type Metrics, metricValue } from './metrics.ts'

/**
 * The median of each metric over the rounds, each for itself; of an even number of rounds the middle
 * of the two in the middle. A metric that any round has no data for is absent.
 */
export function medianMetrics(rounds: readonly Metrics[]): Metrics {
  const single: Record<string, number> = {}
  const families: Record<string, Record<string, number>> = {}
  for (const [name, values] of valuesOf(rounds)) {
    const [family = '', statistic] = name.split('.')
    if (statistic === undefined) {
      single[name] = median(values)
    } else {
      families[family] ??= {}
      families[family][statistic] = median(values)
    }
  }
  return { ...single, ...families }
}

/** Least and largest value of each metric that all rounds have, by full name. */
export function spreadOf(
  rounds: readonly Metrics[],
): Readonly<Record<string, { readonly min: number; readonly max: number }>> {
  const spreads = valuesOf(rounds).map(([name, values]) => {
    return [name, { min: Math.min(...values), max: Math.max(...values) }] as const
  })
  return Object.fromEntries(spreads)
}

/** By full name, where each of the rounds has a value. */
function valuesOf(rounds: readonly Metrics[]): readonly (readonly [string, readonly number[]])[] {
  return [...METRICS.keys()].flatMap(name => {
    const values = rounds.flatMap(metrics => metricValue(metrics, name) ?? [])
    return values.length === 0 || values.length < rounds.length ? [] : [[name, values] as const]
  })
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return (lower + upper) / 2
}
