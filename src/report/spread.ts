import type { ScenarioResult } from '../judge/result.ts'
import { metricValue } from '../measure/metrics.ts'
import { percent } from './wording.ts'

/**
 * How far the rounds of a scenario were apart in one metric: `±4 %` is half of the range over the
 * median. `undefined` where there was one round, or no figure.
 */
export function spreadText(scenario: ScenarioResult, metric: string): string | undefined {
  if (!('metrics' in scenario)) return undefined
  const range = scenario.spread?.[metric]
  const median = metricValue(scenario.metrics, metric)
  if (range === undefined || median === undefined) return undefined
  const half = (range.max - range.min) / 2
  if (half === 0) return `±${percent(0)}`
  return median > 0 ? `±${percent(half / median)}` : undefined
}
