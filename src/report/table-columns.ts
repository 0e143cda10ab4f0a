import stringWidth from 'string-width'
import { FIGURES } from './figures.ts'
import { padEnd } from './terminal-text.ts'
import type { ScenarioView } from './view-model.ts'

/** A column of the table but for the names. */
export interface Column {
  readonly title: string
  /** Two lines. */
  readonly heading: string
  readonly align: 'left' | 'right'
  readonly cell: (scenario: ScenarioView) => string
}

export interface FittedColumns {
  readonly shown: readonly Column[]
  /** Titles of those that are left out. */
  readonly dropped: readonly string[]
  readonly nameWidth: number
  /** Whether the headlines of several rounds have their spread beside them. */
  readonly hasSpread: boolean
}

/**
 * The columns for which a terminal has room: with the spread of rounds where all of it fits, else
 * without, else fewer, in the order of DROP_ORDER.
 */
export function fitColumns(scenarios: readonly ScenarioView[], columns: number): FittedColumns {
  const longest = Math.max(
    stringWidth('scenario'),
    ...scenarios.map(({ name }) => stringWidth(name)),
  )
  const leftFor = (shown: readonly Column[]) =>
    shown.reduce((room, column) => room - GAP - widthOf(column, scenarios), columns)
  const widest = COLUMNS.map(column => withSpread(column, scenarios))
  if (leftFor(widest) >= longest) {
    return { shown: widest, dropped: [], nameWidth: longest, hasSpread: true }
  }
  const wanted = Math.min(longest, NAME_WIDTH_MIN)
  let shown = COLUMNS
  const dropped: string[] = []
  for (const title of DROP_ORDER) {
    if (leftFor(shown) >= wanted) break
    shown = shown.filter(column => column.title !== title)
    dropped.push(title)
  }
  return { shown, dropped, nameWidth: Math.min(longest, leftFor(shown)), hasSpread: false }
}

/** Which column is left out first where not all fit; scenario and status always stay. */
export const DROP_ORDER = [
  'p99 latency',
  'max in-flight',
  'avg latency',
  'efficiency',
  'max queue depth',
  'producer throughput',
  'p95 latency',
  'consumer throughput',
  'delivery',
] as const

/** Between columns. */
export const GAP = 2

/** A column is left out before a name is cut below this. */
const NAME_WIDTH_MIN = 20

interface FigureColumn extends Column {
  readonly spread?: (scenario: ScenarioView) => string
}

const COLUMNS: readonly FigureColumn[] = [
  { title: 'status', heading: '\nstatus', align: 'left', cell: scenario => scenario.status },
  ...FIGURES.map(
    ({ title, heading, metric }): FigureColumn => ({
      title,
      heading,
      align: 'right',
      cell: scenario => scenario.figures[metric],
      spread: ({ headline, spreads }) => (headline === metric ? (spreads[metric] ?? '') : ''),
    }),
  ),
  { title: 'delivery', heading: '\ndelivery', align: 'left', cell: scenario => scenario.delivery },
]

/** The spread stands to the right of all figures, so that their digits stay one below the other. */
function withSpread(column: FigureColumn, scenarios: readonly ScenarioView[]): Column {
  const { spread = () => '', cell } = column
  const width = Math.max(0, ...scenarios.map(scenario => stringWidth(spread(scenario))))
  if (width === 0) return column
  return { ...column, cell: scenario => `${cell(scenario)} ${padEnd(spread(scenario), width)}` }
}

function widthOf({ heading, cell }: Column, scenarios: readonly ScenarioView[]): number {
  const texts = [...heading.split('\n'), ...scenarios.map(cell)]
  return Math.max(...texts.map(text => stringWidth(text)))
}
