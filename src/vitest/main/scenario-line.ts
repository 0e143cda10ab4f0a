import { describeSearch } from '../../insight/search.ts'
import type { MeasuredScenario, ScenarioResult } from '../../judge/result.ts'
import { judgeStatus } from '../../judge/scenario-status.ts'
import { figureOf, headlineOf } from '../../report/figures.ts'
import { spreadText } from '../../report/spread.ts'
import { visible } from '../../report/visible-text.ts'

/** One line that is printed when a scenario has been measured, long before the table. */
export function describeMeasured(result: ScenarioResult): string {
  const name = visible(result.name)
  switch (result.status) {
    case 'error':
      return ` · ${name}: ${visible(result.error.message)}`
    case 'interrupted':
      return ` · ${name}: interrupted, ${result.correctness.settled} messages settled`
    default: {
      const facts = [...figures(result), result.correctness.verdict, ...decidingDoubts(result)]
      return ` · ${name}: ${facts.join(', ')}`
    }
  }
}

function figures(result: MeasuredScenario): readonly string[] {
  if (result.found !== undefined) return [describeSearch(result.found)]
  const headline = headlineOf(result)
  const spread = spreadText(result, headline)
  const rate = `${figureOf(result, headline)} msg/s`
  // Messages of a backlog have no latency, and without consumers there is none.
  const latency =
    result.params.mode === 'concurrent' ? [`p95 ${figureOf(result, 'latencyMs.p95')} ms`] : []
  return [spread === undefined ? rate : `${rate} ${spread}`, ...latency]
}

/** The status and its reasons, where delivery and budgets alone would have made it another. */
function decidingDoubts(result: MeasuredScenario): readonly string[] {
  const { correctness, budgets, status, doubts } = result
  if (doubts.length === 0 || judgeStatus({ correctness, budgets }).status === status) return []
  return [`${status}: ${doubts.map(visible).join('; ')}`]
}
