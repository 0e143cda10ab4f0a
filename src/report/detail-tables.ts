import { count } from '../judge/quantity.ts'
import type { ScenarioResult } from '../judge/result.ts'
import { LATENCY_STATISTICS, METRICS } from '../measure/metrics.ts'
import { DELIVERY_COUNTS, figureOf, LATENCY_LEGS } from './figures.ts'
import { visible, visibleLines } from './visible-text.ts'

/** A table of text with one row per scenario. */
export interface DetailTable {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

export interface GroupedTable {
  readonly columns: readonly string[]
  readonly groups: readonly RowGroup[]
}

export interface RowGroup {
  readonly title: string
  readonly explanation: string
  readonly rows: readonly Row[]
}

export interface Row {
  readonly name: string
  readonly cells: readonly string[]
}

/** All statistics of each timed leg; a scenario without figures of a leg is not in its group. */
export function latencyTable(scenarios: readonly ScenarioResult[]): GroupedTable {
  const groups = LATENCY_LEGS.map(({ metric, title }): RowGroup => {
    const rows = scenarios
      .filter(scenario => 'metrics' in scenario && scenario.metrics[metric] !== undefined)
      .map(scenario => ({
        name: visible(scenario.name),
        cells: LATENCY_STATISTICS.map(statistic => figureOf(scenario, `${metric}.${statistic}`)),
      }))
    const meaning = METRICS.get(`${metric}.mean`)?.meaning ?? ''
    return { title, explanation: meaning.replace('mean of ', ''), rows }
  })
  return {
    columns: LATENCY_STATISTICS.map(statistic => (statistic === 'p999' ? 'p99.9' : statistic)),
    groups: groups.filter(group => group.rows.length > 0),
  }
}

export interface DeliveryRow extends Row {
  readonly verdict: ScenarioResult['correctness']['verdict']
  readonly reasons: readonly string[]
}

/** What the ledger counted of every scenario, those that failed included. */
export function deliveryRows(scenarios: readonly ScenarioResult[]): readonly DeliveryRow[] {
  return scenarios.map(({ name, correctness }) => ({
    name: visible(name),
    verdict: correctness.verdict,
    cells: [...DELIVERY_COUNTS.keys()].map(key => count(correctness[key])),
    reasons: correctness.reasons.map(visibleLines),
  }))
}

/** What open loops were to send and did; only scenarios that had due times. */
export function openLoopTable(scenarios: readonly ScenarioResult[]): DetailTable {
  const open = scenarios.filter(
    scenario => 'metrics' in scenario && scenario.metrics.offeredRate !== undefined,
  )
  return figureTable(open, OPEN_LOOP)
}

/** What the run took, of the machine and of time. */
export function costTable(scenarios: readonly ScenarioResult[]): DetailTable {
  return figureTable(scenarios, COSTS)
}

interface FigureOfTable {
  readonly metric: string
  readonly title: string
}

const OPEN_LOOP: readonly FigureOfTable[] = [
  { metric: 'offeredRate', title: 'offered msg/s' },
  { metric: 'acceptedRate', title: 'accepted msg/s' },
  { metric: 'consumerThroughput', title: 'settled msg/s' },
  { metric: 'lagMs.p99', title: 'lag p99 ms' },
  { metric: 'lagMs.max', title: 'lag max ms' },
  { metric: 'maxSustainableRate', title: 'highest rate msg/s' },
]

const COSTS: readonly FigureOfTable[] = [
  { metric: 'durationMs', title: 'duration ms' },
  { metric: 'emptyAcquires', title: 'empty acquires per message' },
  { metric: 'idleWaitShare', title: 'share of latency in idle back-off' },
  { metric: 'messagesPerCpuSecond.server', title: 'messages per CPU second of the server' },
  { metric: 'messagesPerCpuSecond.load', title: 'messages per CPU second of the load' },
]

function figureTable(
  scenarios: readonly ScenarioResult[],
  figures: readonly FigureOfTable[],
): DetailTable {
  return {
    columns: figures.map(({ title }) => title),
    rows: scenarios.map(scenario => ({
      name: visible(scenario.name),
      cells: figures.map(({ metric }) => figureOf(scenario, metric)),
    })),
  }
}
