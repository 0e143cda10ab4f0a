import { payloadBytesMin, type Scenario } from '../config/scenario.ts'
import type { BenchError } from '../errors.ts'
import { unknownCorrectness } from '../ledger/judge-correctness.ts'
import type { FailedScenario, InterruptedScenario, ScenarioIdentity } from './result.ts'

/** Name and settings of a scenario as results state them. */
export function identityOf(scenario: Scenario): ScenarioIdentity {
  return {
    name: scenario.name,
    params: {
      msgs: scenario.msgs,
      producers: scenario.producers,
      consumers: scenario.consumers,
      pipeline: scenario.pipeline,
      threads: scenario.threads ?? 1,
      payloadBytes: scenario.payloadBytes ?? payloadBytesMin({ ...scenario, warmupMsgs: 0 }),
      leaseMs: scenario.leaseMs,
      idleBackoffMs: scenario.idleBackoffMs,
      idleBackoffMaxMs: scenario.idleBackoffMaxMs,
      warmupMsgs: scenario.warmupMsgs,
    },
  }
}

/** A scenario that failed before anything was sent. */
export function failedScenario(
  scenario: Scenario,
  { code, message }: Pick<BenchError, 'code' | 'message'>,
): FailedScenario {
  return {
    ...identityOf(scenario),
    status: 'error',
    error: { code, message },
    correctness: unknownCorrectness(message),
    warnings: [],
  }
}

/** A scenario that was interrupted before anything was sent. */
export function interruptedScenario(scenario: Scenario): InterruptedScenario {
  return {
    ...identityOf(scenario),
    status: 'interrupted',
    correctness: unknownCorrectness('The run was interrupted before it began'),
    warnings: [],
  }
}
