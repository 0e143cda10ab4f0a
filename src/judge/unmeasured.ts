import { payloadBytesMin, type Scenario } from '../config/scenario.ts'
import type { BenchError } from '../errors.ts'
import { unknownCorrectness } from '../ledger/judge-correctness.ts'
import type {
  FailedScenario,
  InterruptedScenario,
  ScenarioIdentity,
  ScenarioParams,
} from './result.ts'

/** Name and settings of a scenario as results state them. */
export function identityOf(scenario: Scenario): ScenarioIdentity {
  const { name, group } = scenario
  return {
    name,
    ...(group !== undefined && { group }),
    params: {
      ...loadParams(scenario),
      producers: scenario.producers,
      consumers: scenario.consumers,
      mode: scenario.mode,
      pipeline: scenario.pipeline,
      threads: scenario.threads,
      payloadBytes: payloadBytesOf(scenario),
      leaseMs: scenario.leaseMs,
      processingMs: scenario.processingMs,
      idleBackoffMs: scenario.idleBackoffMs,
      idleBackoffMaxMs: scenario.idleBackoffMaxMs,
      warmupMsgs: scenario.warmupMsgs,
      rounds: scenario.rounds,
      seed: scenario.seed,
    },
  }
}

type LoadParams = Pick<
  ScenarioParams,
  'msgs' | 'durationSeconds' | 'rate' | 'stages' | 'arrival' | 'find'
>

function loadParams({ load, msgs }: Scenario): LoadParams {
  switch (load.kind) {
    case 'closed': {
      const { durationSeconds } = load
      return durationSeconds === undefined ? { msgs } : { durationSeconds }
    }
    case 'open': {
      const { arrival, stages } = load
      const [stage, ...others] = stages
      const isConstant = others.length === 0 && stage?.fromRate === stage?.toRate
      return stage !== undefined && isConstant
        ? { msgs, rate: stage.fromRate, arrival }
        : { msgs, stages, arrival }
    }
    case 'find': {
      const { kind: _, arrival, ...find } = load
      return { find, arrival }
    }
    default:
      return load satisfies never
  }
}

function payloadBytesOf(scenario: Scenario): ScenarioParams['payloadBytes'] {
  const { payloadBytes } = scenario
  if (payloadBytes === undefined) return payloadBytesMin({ ...scenario, warmupMsgs: 0 })
  const { min, max } = payloadBytes
  return min === max ? min : [min, max]
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
