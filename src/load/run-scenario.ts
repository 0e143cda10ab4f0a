import type { Address } from '../address.ts'
import { type Clock, NS_PER_MS, systemClock } from '../clock.ts'
import type { Scenario } from '../config/scenario.ts'
import type { BenchError } from '../errors.ts'
import type { Correctness } from '../ledger/correctness.ts'
import { judgeCorrectness } from '../ledger/judge-correctness.ts'
import type { CpuTimes } from '../measure/compute-metrics.ts'
import type { Tally } from '../measure/tally.ts'
import type { Progress } from './board.ts'
import { Crew } from './crew.ts'
import { newLogId } from './log-id.ts'
import type { PhasePlan } from './phase-plan.ts'
import { type PhaseOutcome, runPhase } from './run-phase.ts'

/**
 * How a scenario ran; each case has the ledger's verdict. `completed` came to an end: all accounted
 * for, or messages are missing and the server has nothing more. Only it has figures.
 */
export type ScenarioRun = {
  readonly correctness: Correctness
  readonly warnings: readonly string[]
} & (
  | { readonly kind: 'completed'; readonly tally: Tally; readonly cpu: CpuTimes }
  | { readonly kind: 'failed'; readonly error: BenchError }
  | { readonly kind: 'stalled'; readonly diagnosis: string }
  | { readonly kind: 'interrupted' }
)

export interface ScenarioProgress extends Progress {
  readonly phase: 'warm-up' | 'measure'
  readonly msgs: number
}

export interface RunOptions {
  readonly address: Address
  readonly signal: AbortSignal
  readonly clock?: Clock
  readonly onProgress?: (progress: ScenarioProgress) => void
  /** CPU time of the server so far, where it can be known. */
  readonly serverCpuNs?: () => Promise<number | undefined>
}

const GROUP_ID = 'bench'

/** Longer than any stall is allowed to be: a stall is diagnosed, a timeout only reported. */
const REQUEST_TIMEOUT_FACTOR = 2

/**
 * Measures a scenario: warm-up on a log of its own, then the measured phase. Never throws for what
 * the server does; what it did is in the result. What was wrong in the warm-up counts, its figures
 * do not.
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioRun> {
  await using crew = new Crew(threadsOf(scenario))
  const { clock = systemClock, onProgress } = options
  const startedNs = clock.nowNs()
  const run = (phase: ScenarioProgress['phase'], msgs: number) =>
    runPhase(crew, planOf(scenario, options.address, msgs), {
      // A consumer may rightly sleep for so long before it learns of a message.
      stallTimeoutMs: scenario.stallTimeoutMs + scenario.idleBackoffMaxMs,
      timeoutMs: scenario.timeoutMs - (clock.nowNs() - startedNs) / NS_PER_MS,
      clock,
      signal: options.signal,
      onProgress: progress => onProgress?.({ ...progress, phase, msgs }),
    })
  let warmedUp: Correctness | undefined
  if (scenario.warmupMsgs > 0) {
    const warmUp = await run('warm-up', scenario.warmupMsgs)
    warmedUp = inWarmUp(correctnessOf(warmUp))
    if (warmUp.drain.kind !== 'drained') return describe(warmUp, warmedUp, {})
  }
  const cpuBeforeNs = await cpuNs(options)
  const measured = await run('measure', scenario.msgs)
  const cpuAfterNs = await cpuNs(options)
  const serverNs =
    cpuBeforeNs === undefined || cpuAfterNs === undefined ? undefined : cpuAfterNs - cpuBeforeNs
  const correctness = withWarmUp(correctnessOf(measured), warmedUp)
  return describe(measured, correctness, { serverNs, loadNs: measured.loadCpuNs })
}

/** A server that cannot be asked any more has no figure, and that alone fails no run. */
async function cpuNs({ serverCpuNs }: RunOptions): Promise<number | undefined> {
  try {
    return await serverCpuNs?.()
  } catch {
    return undefined
  }
}

function planOf(scenario: Scenario, address: Address, msgs: number): PhasePlan {
  return {
    address: { host: address.host, port: address.port },
    logId: newLogId(),
    groupId: GROUP_ID,
    msgs,
    producers: scenario.producers,
    consumers: scenario.consumers,
    pipeline: scenario.pipeline,
    payloadBytes: scenario.payloadBytes,
    leaseMs: scenario.leaseMs,
    idleBackoffMs: scenario.idleBackoffMs,
    idleBackoffMaxMs: scenario.idleBackoffMaxMs,
    requestTimeoutMs: scenario.stallTimeoutMs * REQUEST_TIMEOUT_FACTOR,
  }
}

/** One until scenarios are shown that more serve: on few cores they compete with the server. */
function threadsOf(scenario: Scenario): number {
  return scenario.threads ?? 1
}

function correctnessOf(outcome: PhaseOutcome): Correctness {
  return judgeCorrectness(outcome.counts, outcome.tally, outcome.drain)
}

function inWarmUp(correctness: Correctness): Correctness {
  return { ...correctness, reasons: correctness.reasons.map(reason => `In the warm-up: ${reason}`) }
}

function withWarmUp(measured: Correctness, warmUp: Correctness | undefined): Correctness {
  if (warmUp === undefined || warmUp.verdict === 'exactly-once') return measured
  return {
    ...measured,
    verdict: measured.verdict === 'violated' ? 'violated' : warmUp.verdict,
    lost: measured.lost + warmUp.lost,
    duplicated: measured.duplicated + warmUp.duplicated,
    corrupted: measured.corrupted + warmUp.corrupted,
    unexpected: measured.unexpected + warmUp.unexpected,
    leaseOverlaps: measured.leaseOverlaps + warmUp.leaseOverlaps,
    idConflicts: measured.idConflicts + warmUp.idConflicts,
    reasons: [...warmUp.reasons, ...measured.reasons],
  }
}

function describe(outcome: PhaseOutcome, correctness: Correctness, cpu: CpuTimes): ScenarioRun {
  const { end, tally } = outcome
  const common = { correctness, warnings: warningsOf(outcome) }
  switch (end.kind) {
    case 'completed':
      return { ...common, kind: 'completed', tally, cpu }
    case 'failed':
      return { ...common, kind: 'failed', error: end.error }
    case 'stalled':
      return outcome.drain.kind === 'drained'
        ? { ...common, kind: 'completed', tally, cpu }
        : { ...common, kind: 'stalled', diagnosis: end.diagnosis }
    case 'interrupted':
      return { ...common, kind: 'interrupted' }
    default:
      return end satisfies never
  }
}

/** Share of all messages in the queue at once from which latency is mostly waiting. */
const BACKLOG_SHARE_WARNED = 0.1

function warningsOf({ end, tally }: PhaseOutcome): string[] {
  const warnings: string[] = []
  if (end.kind === 'stalled') warnings.push(end.diagnosis)
  if (tally.maxQueueDepth > Math.max(1000, tally.produced * BACKLOG_SHARE_WARNED)) {
    warnings.push(
      `Latency is mostly queueing: producers outran consumers, up to ${tally.maxQueueDepth} messages waited at once`,
    )
  }
  if (tally.redelivered > 0) {
    warnings.push(
      `${tally.redelivered} messages were delivered again after their lease ran out: a consumer may have processed them twice; raise leaseMs`,
    )
  }
  if (tally.lateSettlesRefused > 0) {
    warnings.push(`${tally.lateSettlesRefused} late SETTLE requests were refused`)
  }
  return warnings
}
