import { observe } from '../insight/scaling.ts'
import { count, exactQuantity, NO_FIGURE, quantity } from '../judge/quantity.ts'
import type {
  BudgetResult,
  Environment,
  RunResults,
  ScenarioResult,
  SuiteResult,
} from '../judge/result.ts'
import { runPassed } from '../judge/scenario-status.ts'
import { METRICS } from '../measure/metrics.ts'
import { FIGURES, type FigureMetric, figureOf, headlineOf } from './figures.ts'
import { NOTE_KINDS, type Note, notesOf } from './notes.ts'
import { remarksOf } from './remarks.ts'
import { spreadText } from './spread.ts'
import { visible, visibleLines } from './visible-text.ts'
import { plural } from './wording.ts'

/** Everything that table and report show, as text that is safe to read but not yet escaped. */
export interface ReportView {
  readonly passed: boolean
  /** Counts every scenario by its status: `5 scenarios: 4 pass, 1 fail`. */
  readonly verdict: string
  readonly generatedAt: string
  readonly environment: readonly Fact[]
  readonly suites: readonly SuiteView[]
  /** Worst kind first, else in the order of the scenarios. */
  readonly notes: readonly NoteView[]
}

export interface Fact {
  readonly name: string
  readonly value: string
}

export interface SuiteView {
  readonly file: string
  readonly server: string
  readonly scenarios: readonly ScenarioView[]
  readonly observations: readonly string[]
}

export interface ScenarioView {
  readonly name: string
  readonly status: ScenarioResult['status']
  /** One for each of FIGURES; dashes where a scenario has no figures. */
  readonly figures: Readonly<Record<FigureMetric, string>>
  /** The figure that a scenario of this mode is run for. */
  readonly headline: FigureMetric
  /** Of several rounds: how far they were apart in each figure, such as `±4 %`. */
  readonly spreads: Readonly<Partial<Record<FigureMetric, string>>>
  /** 0 where the figures are not those of several rounds. */
  readonly rounds: number
  /** What the figures do not show, in lines. */
  readonly remarks: readonly string[]
  readonly delivery: ScenarioResult['correctness']['verdict']
  readonly budgets: readonly BudgetView[]
}

export interface BudgetView {
  readonly metric: string
  /** `max 50 ms` */
  readonly limit: string
  readonly value: string
  readonly level: BudgetResult['level']
  readonly verdict: BudgetResult['verdict']
}

export interface NoteView extends Note {
  /** The scenario, after its suite where there are several. */
  readonly subject: string
}

/** Decides what is shown and how it is written; judges nothing. */
export function viewOf(results: RunResults): ReportView {
  const notes = noteViews(results.suites)
  return {
    passed: runPassed(results),
    verdict: verdictLine(results, notes),
    generatedAt: visible(readableTime(results.generatedAt)),
    environment: environmentFacts(results.environment),
    suites: results.suites.map(suiteView),
    notes,
  }
}

/** `2026-11-23 21:00:00 UTC`; anything else than ISO 8601 in UTC as it is. */
function readableTime(iso: string): string {
  return iso.replace(/^([\d-]+)T([\d:]+)(\.\d+)?Z$/, '$1 $2 UTC')
}

const STATUSES = ['pass', 'fail', 'inconclusive', 'error', 'interrupted'] as const

function verdictLine(results: RunResults, notes: readonly Note[]): string {
  const statuses = results.suites.flatMap(suite => suite.scenarios.map(({ status }) => status))
  if (statuses.length === 0) return 'no scenarios: nothing was measured'
  const groups = STATUSES.flatMap(status => {
    const number = statuses.filter(other => other === status).length
    return number === 0 ? [] : [`${count(number)} ${status}`]
  })
  const warnings = notes.filter(note => note.kind === 'warn').length
  const doubt = warnings === 0 ? '' : `; ${plural(warnings, 'warning')}`
  return `${plural(statuses.length, 'scenario')}: ${groups.join(', ')}${doubt}`
}

function noteViews(suites: readonly SuiteResult[]): readonly NoteView[] {
  const notes = suites.flatMap(suite =>
    suite.scenarios.flatMap(scenario => {
      const subject = suites.length > 1 ? `${suite.file}: ${scenario.name}` : scenario.name
      return notesOf(scenario).map(({ kind, text }) => ({
        kind,
        text: visibleLines(text),
        subject: visible(subject),
      }))
    }),
  )
  return notes.sort((one, other) => NOTE_KINDS.indexOf(one.kind) - NOTE_KINDS.indexOf(other.kind))
}

function environmentFacts(environment: Environment): readonly Fact[] {
  const { node, platform, cpu, cores, memoryBytes, commit } = environment
  return [
    { name: 'Node', value: node },
    { name: 'Platform', value: platform },
    { name: 'CPU', value: `${cpu}, ${plural(cores, 'core')}` },
    { name: 'Memory', value: `${(memoryBytes / 2 ** 30).toFixed(1)} GiB` },
    { name: 'Commit', value: commit ?? NO_FIGURE },
  ].map(({ name, value }) => ({ name, value: visible(value) }))
}

function suiteView(suite: SuiteResult): SuiteView {
  return {
    file: visible(suite.file),
    server: visible(serverText(suite.server)),
    scenarios: suite.scenarios.map(scenarioView),
    observations: observe(suite.scenarios).map(visible),
  }
}

function serverText({ kind, addr }: SuiteResult['server']): string {
  const at = addr === undefined ? '' : ` at ${addr}`
  switch (kind) {
    case 'embedded':
      return `embedded server${at}`
    case 'command':
      return `server started by a command${at}`
    case 'address':
      return `external server${at}`
    default:
      return kind satisfies never
  }
}

function scenarioView(scenario: ScenarioResult): ScenarioView {
  const figures = FIGURES.map(({ metric }) => [metric, figureOf(scenario, metric)] as const)
  const spreads = FIGURES.flatMap(({ metric }) => {
    const text = spreadText(scenario, metric)
    return text === undefined ? [] : [[metric, text] as const]
  })
  return {
    name: visible(scenario.name),
    status: scenario.status,
    figures: Object.fromEntries(figures) as Record<FigureMetric, string>,
    headline: headlineOf(scenario),
    spreads: Object.fromEntries(spreads),
    rounds: 'rounds' in scenario ? (scenario.rounds?.length ?? 0) : 0,
    remarks: remarksOf(scenario).map(visible),
    delivery: scenario.correctness.verdict,
    budgets: 'budgets' in scenario ? scenario.budgets.map(budgetView) : [],
  }
}

function budgetView({ metric, bound, limit, value, level, verdict }: BudgetResult): BudgetView {
  const unit = METRICS.get(metric)?.unit
  return {
    metric: visible(metric),
    limit: `${bound} ${unit === undefined ? limit : exactQuantity(limit, unit)}`,
    value: unit === undefined || value === null ? NO_FIGURE : quantity(value, unit),
    level,
    verdict,
  }
}
