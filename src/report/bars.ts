import { figure, type Unit } from '../judge/quantity.ts'
import type { ScenarioResult } from '../judge/result.ts'
import { metricValue } from '../measure/metrics.ts'
import { shorten } from './terminal-text.ts'
import { visible } from './visible-text.ts'

/** One metric of all scenarios as horizontal bars; positions in pixels, lengths in per cent. */
export interface BarChart {
  readonly title: string
  /** The same in words, for those who do not see the bars. */
  readonly description: string
  readonly height: number
  readonly bars: readonly Bar[]
}

export interface Bar {
  readonly name: string
  readonly value: string
  readonly textY: number
  readonly barY: number
  /** Of the longest bar, 0 to 100; absent where there is no figure. */
  readonly length?: string
}

export interface BarOptions {
  readonly title: string
  readonly metric: string
  readonly unit: Unit
}

/** Bars on a common scale that begins at zero; a scenario without the figure has a name only. */
export function barChart(scenarios: readonly ScenarioResult[], options: BarOptions): BarChart {
  const values = scenarios.map(scenario =>
    'metrics' in scenario ? metricValue(scenario.metrics, options.metric) : undefined,
  )
  const longest = Math.max(...values.map(value => value ?? 0))
  const names = shorten(
    scenarios.map(scenario => visible(scenario.name)),
    NAME_WIDTH_MAX,
  )
  const bars = names.map((name, index): Bar => {
    const value = values[index]
    return {
      name,
      value: value === undefined ? 'no figure' : `${figure(value, options.unit)} ${options.unit}`,
      textY: index * ROW_PX + TEXT_PX,
      barY: index * ROW_PX + BAR_PX,
      ...(value === undefined || longest === 0
        ? {}
        : { length: ((100 * value) / longest).toFixed(2) }),
    }
  })
  const description = bars.map(({ name, value }) => `${name}: ${value}`).join('; ')
  return { title: options.title, description, height: bars.length * ROW_PX, bars }
}

const ROW_PX = 42
const TEXT_PX = 14
const BAR_PX = 21

/** SVG text does not wrap; this leaves room for the value at a width of 400 pixels. */
const NAME_WIDTH_MAX = 30
