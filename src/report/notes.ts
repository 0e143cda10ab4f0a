import { count } from '../judge/quantity.ts'
import type {
  BudgetResult,
  MeasuredScenario,
  ScenarioParams,
  ScenarioResult,
} from '../judge/result.ts'

/** Something that a reader must know besides the figures, worst kind first. */
export interface Note {
  readonly kind: (typeof NOTE_KINDS)[number]
  readonly text: string
}

export const NOTE_KINDS = ['error', 'interrupted', 'fail', 'inconclusive', 'warn'] as const

/** Why a scenario is not a plain pass: its error, each broken rule, each doubt. */
export function notesOf(scenario: ScenarioResult): readonly Note[] {
  const warnings = scenario.warnings.map((text): Note => ({ kind: 'warn', text }))
  return [...endNotes(scenario), ...warnings]
}

function endNotes(scenario: ScenarioResult): readonly Note[] {
  switch (scenario.status) {
    case 'error': {
      const { code, message } = scenario.error
      return [{ kind: 'error', text: `${message} (${code})` }, ...violationNotes(scenario)]
    }
    case 'interrupted': {
      const { produced, settled } = scenario.correctness
      const text = `ended early with ${count(produced)} produced and ${count(settled)} settled${ofPlanned(scenario.params)}`
      return [{ kind: 'interrupted', text }, ...violationNotes(scenario)]
    }
    case 'pass':
    case 'fail':
    case 'inconclusive':
      return [
        ...deliveryNotes(scenario),
        ...scenario.budgets.flatMap(budgetNotes),
        ...doubtNotes(scenario),
      ]
    default:
      return scenario satisfies never
  }
}

/** Of all rounds together; nothing where time or a search decides. */
function ofPlanned({ msgs, rounds }: ScenarioParams): string {
  return msgs === undefined ? ' messages' : ` of ${count(msgs * rounds)} messages`
}

/** A run that did not end cannot but be unknown; only a violation is news beside its error. */
function violationNotes(scenario: ScenarioResult): readonly Note[] {
  return scenario.correctness.verdict === 'violated' ? deliveryNotes(scenario) : []
}

function deliveryNotes({ correctness: { verdict, reasons } }: ScenarioResult): readonly Note[] {
  if (verdict === 'exactly-once') return []
  const texts = reasons.length > 0 ? reasons : ['no reason was given']
  return texts.map(text => ({ kind: 'fail', text: `delivery ${verdict}: ${text}` }))
}

/** A doubt is as grave as what it made of the scenario. */
function doubtNotes({ status, doubts }: MeasuredScenario): readonly Note[] {
  return doubts.map(text => ({ kind: status === 'fail' ? 'fail' : 'inconclusive', text }))
}

function budgetNotes({ verdict, reason }: BudgetResult): readonly Note[] {
  switch (verdict) {
    case 'pass':
      return []
    case 'warn':
    case 'inconclusive':
      return [{ kind: verdict, text: reason }]
    case 'fail':
    case 'no-data':
      return [{ kind: 'fail', text: reason }]
    default:
      return verdict satisfies never
  }
}
