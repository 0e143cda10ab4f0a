import { count } from '../judge/quantity.ts'
import type { ScenarioParams, ScenarioResult } from '../judge/result.ts'
import { LATENCY_STATISTICS, METRICS } from '../measure/metrics.ts'
import { DELIVERY_COUNTS, LATENCY_LEGS } from './figures.ts'
import { figureOf } from './view-model.ts'
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

/** The settings that the figures depend on, as they were in force. */
export function settingsTable(scenarios: readonly ScenarioResult[]): DetailTable {
  return {
    columns: SETTINGS.map(({ title }) => title),
    rows: scenarios.map(({ name, params }) => ({
      name: visible(name),
      cells: SETTINGS.map(({ text }) => text(params)),
    })),
  }
}

const SETTINGS: readonly { title: string; text: (params: ScenarioParams) => string }[] = [
  { title: 'messages', text: params => count(params.msgs) },
  { title: 'producers', text: params => count(params.producers) },
  { title: 'consumers', text: params => count(params.consumers) },
  { title: 'pipeline', text: params => count(params.pipeline) },
  { title: 'threads', text: params => count(params.threads) },
  { title: 'payload bytes', text: params => count(params.payloadBytes) },
  { title: 'lease ms', text: params => count(params.leaseMs) },
  {
    title: 'idle back-off ms',
    text: params => `${params.idleBackoffMs} to ${params.idleBackoffMaxMs}`,
  },
  { title: 'warm-up messages', text: params => count(params.warmupMsgs) },
]

/** What the run took, of the machine and of time. */
export function costTable(scenarios: readonly ScenarioResult[]): DetailTable {
  return {
    columns: COSTS.map(({ title }) => title),
    rows: scenarios.map(scenario => ({
      name: visible(scenario.name),
      cells: COSTS.map(({ metric }) => figureOf(scenario, metric)),
    })),
  }
}

const COSTS = [
  { metric: 'durationMs', title: 'duration ms' },
  { metric: 'emptyAcquires', title: 'empty acquires per message' },
  { metric: 'messagesPerCpuSecond.server', title: 'messages per CPU second of the server' },
  { metric: 'messagesPerCpuSecond.load', title: 'messages per CPU second of the load' },
] as const
