import type { ScenarioResult } from '../../judge/result.ts'
import { figureOf } from '../../report/view-model.ts'
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
      const rate = figureOf(result, 'consumerThroughput')
      const latency = figureOf(result, 'latencyMs.p95')
      return ` · ${name}: ${rate} msg/s, p95 ${latency} ms, ${result.correctness.verdict}`
    }
  }
}
