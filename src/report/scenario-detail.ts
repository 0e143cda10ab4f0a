import type { ScenarioResult } from '../judge/result.ts'
import { evidenceOf, type ResourceFact, resourceFacts } from './evidence.ts'
import {
  type HoldRow,
  holdRows,
  type RoundsTable,
  roundsTable,
  type TimelineTable,
  timelineTable,
} from './run-tables.ts'
import { describeSettings } from './scenario-settings.ts'
import { visible } from './visible-text.ts'

/** All that the report shows of one scenario alone, as text that is not yet escaped. */
export interface ScenarioDetail {
  readonly name: string
  readonly status: ScenarioResult['status']
  readonly settings: readonly string[]
  readonly evidence: readonly string[]
  readonly resources: readonly ResourceFact[]
  readonly holds: readonly HoldRow[]
  readonly rounds?: RoundsTable
  readonly timeline?: TimelineTable
}

/** Of a scenario without figures, no more than what it was to do. */
export function scenarioDetail(scenario: ScenarioResult): ScenarioDetail {
  const identity = {
    name: visible(scenario.name),
    status: scenario.status,
    settings: describeSettings(scenario.params),
  }
  if (!('metrics' in scenario)) return { ...identity, evidence: [], resources: [], holds: [] }
  const rounds = roundsTable(scenario)
  return {
    ...identity,
    evidence: evidenceOf(scenario),
    resources: resourceFacts(scenario.resources),
    holds: holdRows(scenario.found?.holds ?? []),
    ...(rounds !== undefined && { rounds }),
    ...(scenario.timeline.slices.length > 0 && { timeline: timelineTable(scenario) }),
  }
}
