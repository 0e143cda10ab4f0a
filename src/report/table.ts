import { styleText } from 'node:util'
import CliTable from 'cli-table3'
import stringWidth from 'string-width'
import { FIGURES } from './figures.ts'
import { type Column, fitColumns, GAP } from './table-columns.ts'
import { padEnd, shorten, wrap } from './terminal-text.ts'
import type { NoteView, ReportView, ScenarioView, SuiteView } from './view-model.ts'
import { plural } from './wording.ts'

export interface TableOptions {
  /** Display width of the terminal; 80 where there is none. Less than 20 is taken as 20. */
  readonly columns: number
  readonly color: boolean
  /** Where all columns are found when some do not fit, such as `reports/report.html`. */
  readonly reportPath?: string
}

/**
 * The end of a run as a terminal shows it: one table per suite, what is wrong, and the verdict as
 * the last line. No line is wider than `columns`: first columns are left out in the order of
 * DROP_ORDER, which a line below the table admits, then names are cut with `…`.
 */
export function renderTable(view: ReportView, options: TableOptions): string {
  const columns = Math.max(options.columns, COLUMNS_MIN)
  const fitted = { ...options, columns }
  const notes = view.notes.flatMap(note => noteLines(note, view, fitted))
  const verdict = wrap(view.verdict, columns).map(line =>
    colored(line, view.passed ? 'green' : 'red', options.color),
  )
  const blocks = [...view.suites.map(suite => suiteLines(suite, fitted)), notes, verdict]
  return blocks
    .filter(lines => lines.length > 0)
    .map(lines => lines.map(harmless).join('\n'))
    .join('\n\n')
}

const COLUMNS_MIN = 20

function suiteLines(suite: SuiteView, options: TableOptions): readonly string[] {
  const names = suite.scenarios.map(scenario => scenario.name)
  const { shown, dropped, nameWidth, hasSpread } = fitColumns(suite.scenarios, options.columns)
  const figures = figureLines(suite.scenarios, shown, options.color)
  const left = ['', 'scenario', ...shorten(names, nameWidth)]
  const rows = figures.map((line, index) =>
    `${padEnd(left[index] ?? '', nameWidth)}${' '.repeat(GAP)}${line}`.trimEnd(),
  )
  const rule = '─'.repeat(Math.max(...rows.map(row => stringWidth(row))))
  return [
    ...wrap(`${suite.file}, ${suite.server}`, options.columns),
    rule,
    ...rows.slice(0, HEADING_LINES),
    rule,
    ...rows.slice(HEADING_LINES),
    rule,
    ...suite.scenarios
      .flatMap(scenario => remarkTexts(scenario, hasSpread))
      .flatMap(text => wrap(text, options.columns)),
    ...droppedLines(dropped, options),
  ]
}

/** Remarks with the name of their scenario; the spread is one where no column shows it. */
function remarkTexts(scenario: ScenarioView, hasSpread: boolean): readonly string[] {
  const { name, headline, figures, spreads, rounds, remarks } = scenario
  const spread = spreads[headline]
  const isMissing = spread !== undefined && !hasSpread
  const { unit } = FIGURES.find(({ metric }) => metric === headline) ?? { unit: '' }
  const missing = `${figures[headline]} ${unit} ${spread}, median of ${plural(rounds, 'round')}`
  return [...(isMissing ? [missing] : []), ...remarks].map(text => `${name}: ${text}`)
}

const HEADING_LINES = 2

/**
 * All columns but the names. cli-table3 measures text by an older Unicode than string-width 8 and
 * would misplace what follows a new emoji, so names stand before its lines, not in its cells.
 */
function figureLines(
  scenarios: readonly ScenarioView[],
  columns: readonly Column[],
  color: boolean,
): readonly string[] {
  const table = new CliTable({
    chars: Object.fromEntries(BORDERS.map(name => [name, ''])),
    colAligns: columns.map(column => column.align),
    style: { 'padding-left': 0, 'padding-right': GAP, head: [], border: [] },
  })
  table.push(
    columns.map(column => column.heading),
    ...scenarios.map(scenario => columns.map(({ cell }) => colorWord(cell(scenario), color))),
  )
  return table.toString().split('\n')
}

const BORDERS = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
  ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
]

function droppedLines(dropped: readonly string[], options: TableOptions): readonly string[] {
  if (dropped.length === 0) return []
  const where = options.reportPath ?? 'a wider terminal, the HTML or the JSON report'
  const text = `not shown in ${options.columns} columns: ${dropped.join(', ')}; see ${where}`
  return wrap(text, options.columns).map(line => colored(line, 'dim', options.color))
}

function noteLines(note: NoteView, view: ReportView, options: TableOptions): readonly string[] {
  const width = Math.max(...view.notes.map(({ kind }) => kind.length)) + GAP
  const [first = '', ...others] = wrap(
    `${note.subject}: ${note.text}`,
    options.columns,
    note.kind.padEnd(width),
  )
  return [colorWord(note.kind, options.color) + first.slice(note.kind.length), ...others]
}

type Color = 'green' | 'red' | 'yellow'

/** Only a second hint: each of these words says the same without its colour. */
const WORD_COLORS: ReadonlyMap<string, Color> = new Map([
  ['pass', 'green'],
  ...['fail', 'error', 'violated'].map((word): [string, Color] => [word, 'red']),
  ...['inconclusive', 'interrupted', 'unknown', 'warn'].map((word): [string, Color] => [
    word,
    'yellow',
  ]),
])

function colorWord(word: string, color: boolean): string {
  const format = WORD_COLORS.get(word)
  return format === undefined ? word : colored(word, format, color)
}

function colored(text: string, format: Color | 'dim', color: boolean): string {
  // Whether there is colour was decided by the caller; styleText must not look at stdout again.
  return color ? styleText(format, text, { validateStream: false }) : text
}

/** GitHub's and Azure's runners obey `::name::` at the start of a line, and `##[name]` anywhere. */
function harmless(line: string): string {
  return line.replace(/^(\s*)::/, '$1∷').replaceAll(/##(?=\w*\[)/g, '♯♯')
}
