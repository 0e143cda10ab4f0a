import { count, figure, NO_FIGURE, type Unit } from '../judge/quantity.ts'
import type { Hold, MeasuredScenario } from '../judge/result.ts'
import { metricValue } from '../measure/metrics.ts'
import type { Timeline, TimelineSlice } from '../measure/timeline.ts'
import type { DetailTable, Row } from './detail-tables.ts'
import { FIGURES, figureOf, metricText, valueText } from './figures.ts'
import { spreadText } from './spread.ts'
import { visibleLines } from './visible-text.ts'
import { plural } from './wording.ts'

export interface HoldRow {
  readonly rate: string
  readonly verdict: Hold['verdict']
  readonly accepted: string
  readonly settled: string
  readonly p99: string
  readonly reasons: readonly string[]
}

/** What a search held, in its order. */
export function holdRows(holds: readonly Hold[]): readonly HoldRow[] {
  return holds.map(({ rate, verdict, metrics, reasons }) => ({
    rate: figure(rate, 'msg/s'),
    verdict,
    accepted: metricText(metrics, 'acceptedRate'),
    settled: metricText(metrics, 'consumerThroughput'),
    p99: metricText(metrics, 'latencyMs.p99'),
    reasons: reasons.map(visibleLines),
  }))
}

/** The headline figures of each round, and below them what the rounds come to. */
export interface RoundsTable extends DetailTable {
  readonly summary: readonly Row[]
}

export function roundsTable(scenario: MeasuredScenario): RoundsTable | undefined {
  const { rounds, spread = {} } = scenario
  if (rounds === undefined) return undefined
  const figures = FIGURES.filter(({ metric }) =>
    rounds.some(({ metrics }) => metricValue(metrics, metric) !== undefined),
  )
  const extreme = (end: 'min' | 'max') =>
    figures.map(({ metric }) => valueText(spread[metric]?.[end], metric))
  return {
    columns: [...figures.map(({ title, unit }) => `${title} ${unit}`), 'delivery'],
    rows: rounds.map(({ metrics, correctness }, index) => ({
      name: count(index + 1),
      cells: [...figures.map(({ metric }) => metricText(metrics, metric)), correctness.verdict],
    })),
    summary: [
      { name: 'median', cells: figures.map(({ metric }) => figureOf(scenario, metric)) },
      { name: 'least', cells: extreme('min') },
      { name: 'largest', cells: extreme('max') },
      {
        name: 'spread',
        cells: figures.map(({ metric }) => spreadText(scenario, metric) ?? NO_FIGURE),
      },
    ].map(({ name, cells }) => ({ name, cells: [...cells, ''] })),
  }
}

export interface TimelineTable extends DetailTable {
  /** `112 slices of 80 ms` */
  readonly title: string
  readonly caption: string
}

/**
 * One row for each slice, named by the second in which it starts. Where one side is timed alone there
 * are no latencies: those of a backlog are its age.
 */
export function timelineTable(scenario: MeasuredScenario): TimelineTable {
  const { sliceMs, slices } = scenario.timeline
  const decimals = secondDecimals(scenario.timeline)
  const hasLatency = scenario.params.mode === 'concurrent'
  const columns = hasLatency ? SLICE_COLUMNS : RATE_COLUMNS
  const latencies = hasLatency ? ', latencies are milliseconds of what was settled in it' : ''
  return {
    title: `${plural(slices.length, 'slice')} of ${sliceMs} ms`,
    caption: `${whoseTimeline(scenario)}Rates in messages per second, depth and in flight are the highest within the slice${latencies}.`,
    columns: columns.map(({ title }) => title),
    rows: slices.map(slice => ({
      name: (slice.startMs / 1000).toFixed(decimals),
      cells: columns.map(({ unit, value }) => figure(value(slice), unit)),
    })),
  }
}

interface SliceColumn {
  readonly title: string
  readonly unit: Unit
  readonly value: (slice: TimelineSlice) => number | undefined
}

const RATE_COLUMNS: readonly SliceColumn[] = [
  { title: 'produced/s', unit: 'msg/s', value: slice => slice.producerThroughput },
  { title: 'settled/s', unit: 'msg/s', value: slice => slice.consumerThroughput },
  { title: 'depth', unit: 'messages', value: slice => slice.queueDepth },
  { title: 'in flight', unit: 'messages', value: slice => slice.inFlight },
]

const SLICE_COLUMNS: readonly SliceColumn[] = [
  ...RATE_COLUMNS,
  ...(['p50', 'p95', 'p99', 'max'] as const).map(
    (title): SliceColumn => ({ title, unit: 'ms', value: slice => slice.latencyMs?.[title] }),
  ),
]

/** As many as tell one slice from the next. */
function secondDecimals({ sliceMs }: Timeline): number {
  return [0, 1, 2].find(decimals => (sliceMs * 10 ** decimals) % 1000 === 0) ?? 3
}

function whoseTimeline({ found, rounds }: MeasuredScenario): string {
  if (found !== undefined) {
    return found.rate === null ? 'Of the first rate. ' : 'Of the rate that was found. '
  }
  return rounds === undefined ? '' : 'Of the last round. '
}
