import { describeSearch } from '../insight/search.ts'
import { quantity } from '../judge/quantity.ts'
import type { MeasuredScenario, ScenarioResult } from '../judge/result.ts'
import { UNSENT_SHARE_MAX } from '../measure/resources.ts'

/** What the columns of a table do not show of a scenario, without its name. */
export function remarksOf(scenario: ScenarioResult): readonly string[] {
  if (!('metrics' in scenario)) return []
  if (scenario.found !== undefined) return [describeSearch(scenario.found)]
  return lateness(scenario)
}

/** Lateness at p99 from which sending was not on time. */
const LAG_P99_MS_MAX = 1

/** The rates of an open loop that was not sent as it was due. */
function lateness(scenario: MeasuredScenario): readonly string[] {
  const { offeredRate, acceptedRate = 0, lagMs } = scenario.metrics
  if (offeredRate === undefined) return []
  const isSent = acceptedRate >= offeredRate * (1 - UNSENT_SHARE_MAX)
  if (isSent && (lagMs === undefined || lagMs.p99 <= LAG_P99_MS_MAX)) return []
  const rates = `offered ${quantity(offeredRate, 'msg/s')}, accepted ${quantity(acceptedRate, 'msg/s')}`
  return [lagMs === undefined ? rates : `${rates}, lag p99 ${quantity(lagMs.p99, 'ms')}`]
}
