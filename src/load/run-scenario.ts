import { availableParallelism } from 'node:os'
import type { Address } from '../address.ts'
import { type Clock, NS_PER_MS, systemClock } from '../clock.ts'
import type { Scenario } from '../config/scenario.ts'
import type { BenchError } from '../errors.ts'
import type { Correctness } from '../ledger/correctness.ts'
import { judgeCorrectness } from '../ledger/judge-correctness.ts'
import { sumCorrectness } from '../ledger/sum-correctness.ts'
import type { Tally } from '../measure/tally.ts'
import type { Progress } from './board.ts'
import { Crew } from './crew.ts'
import { newLogId } from './log-id.ts'
import { pacerSpins } from './pacer.ts'
import type { PhaseLoad, PhasePlan } from './phase-plan.ts'
import { type PhaseOutcome, runPhase } from './run-phase.ts'
import { RateProfile } from './schedule.ts'
import type { PartUsage, ServerWatch } from './timed-part.ts'
import { warningsOf } from './warnings.ts'

/**
 * How a scenario ran; each case has the ledger's verdict. `completed` came to an end: all accounted
 * for, or messages are missing and the server has nothing more. Only it has figures.
 */
export type ScenarioRun = {
  readonly correctness: Correctness
  readonly warnings: readonly string[]
} & ScenarioEnd

export type ScenarioEnd =
  | {
      readonly kind: 'completed'
      /** Rounds, or the holds of a search, in order. */
      readonly parts: readonly [MeasuredPart, ...MeasuredPart[]]
      /** Absent without one. */
      readonly warmUp?: Tally
    }
  | { readonly kind: 'failed'; readonly error: BenchError }
  | { readonly kind: 'stalled'; readonly diagnosis: string }
  | { readonly kind: 'interrupted' }

/** A measured repetition, or a rate that was held. */
export interface MeasuredPart {
  readonly load: PhaseLoad
  readonly tally: Tally
  readonly correctness: Correctness
  readonly usage: PartUsage
  /** Of an open loop: messages that were due, in how many seconds. */
  readonly offered?: { readonly msgs: number; readonly seconds: number }
  /** Share of them that could not be sent. */
  readonly unsentShare: number
  /** Whether the pacer kept its core busy. */
  readonly spun: boolean
}

export interface ScenarioProgress extends Progress {
  readonly phase: 'warm-up' | 'measure'
  readonly msgs: number
  /** Measured parts that are over. */
  readonly partsDone: number
}

export interface RunOptions {
  readonly address: Address
  readonly signal: AbortSignal
  readonly clock?: Clock
  readonly onProgress?: (progress: ScenarioProgress) => void
  /** Begins to watch what the server uses, where that can be known. */
  readonly watchServer?: () => ServerWatch
  /** For a search: the rate to hold after `parts`; `undefined` ends it. */
  readonly nextRate?: (parts: readonly MeasuredPart[]) => number | undefined
}

const GROUP_ID = 'bench'

/** Longer than any stall is allowed to be: a stall is diagnosed, a timeout only reported. */
const REQUEST_TIMEOUT_FACTOR = 2

/** Share of a hold that passes before it is judged: what the change of rate stirred up settles. */
const HOLD_UNSTEADY_SHARE = 0.25

/**
 * Measures a scenario: warm-up on a log of its own, then its rounds or the holds of its search, each
 * on a log of its own. Never throws for what the server does; what it did is in the result. What was
 * wrong in the warm-up counts, its figures do not. Delivery that is not exactly once ends it.
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioRun> {
  await using crew = new Crew(scenario.threads)
  const run = phaseRunner(crew, scenario, options)
  const verdicts: Correctness[] = []
  const outcomes: PhaseOutcome[] = []
  const sum = () => ({
    correctness: sumCorrectness(verdicts),
    warnings: warningsOf(outcomes, scenario.load.kind),
  })

  let warmUp: Tally | undefined
  if (scenario.warmupMsgs > 0) {
    const outcome = await run(warmUpOf(scenario), 0)
    verdicts.push(inWarmUp(correctnessOf(outcome)))
    if (outcome.drain.kind !== 'drained') return { ...sum(), ...endOf(outcome) }
    warmUp = outcome.tally
  }
  const parts: MeasuredPart[] = []
  for (;;) {
    const next = nextPart(scenario, parts, options)
    if (next === undefined) break
    const outcome = await run(next, parts.length)
    const correctness = correctnessOf(outcome)
    verdicts.push(correctness)
    outcomes.push(outcome)
    if (outcome.drain.kind !== 'drained') return { ...sum(), ...endOf(outcome) }
    parts.push(measured(next, outcome, correctness))
    if (correctness.verdict !== 'exactly-once') break
  }
  const [first, ...others] = parts
  if (first === undefined) throw new RangeError('Cannot measure nothing: there is no part')
  return {
    ...sum(),
    kind: 'completed',
    parts: [first, ...others],
    ...(warmUp !== undefined && { warmUp }),
  }
}

type PartPlan = Omit<PhasePlan, 'address' | 'logId'> & { readonly phase: ScenarioProgress['phase'] }

function phaseRunner(
  crew: Crew,
  scenario: Scenario,
  options: RunOptions,
): (part: PartPlan, partsDone: number) => Promise<PhaseOutcome> {
  const { address, clock = systemClock, onProgress, signal, watchServer } = options
  const startedNs = clock.nowNs()
  return ({ phase, ...part }, partsDone) => {
    const { msgs } = part
    const plan = {
      ...part,
      address: { host: address.host, port: address.port },
      logId: newLogId(),
    }
    return runPhase(crew, plan, {
      // A consumer may rightly sleep or work for so long before anything is heard of it.
      stallTimeoutMs: scenario.stallTimeoutMs + scenario.idleBackoffMaxMs + part.processingMs,
      timeoutMs: scenario.timeoutMs - (clock.nowNs() - startedNs) / NS_PER_MS,
      clock,
      signal,
      onProgress: progress => onProgress?.({ ...progress, phase, msgs, partsDone }),
      watchServer: phase === 'measure' ? watchServer : undefined,
    })
  }
}

function warmUpOf(scenario: Scenario): PartPlan {
  const { warmupMsgs } = scenario
  const load = { kind: 'closed' } as const
  const plan = partOf(scenario, load, warmupMsgs)
  return { ...plan, phase: 'warm-up', mode: 'concurrent', processingMs: 0 }
}

function nextPart(
  scenario: Scenario,
  parts: readonly MeasuredPart[],
  { nextRate }: RunOptions,
): PartPlan | undefined {
  const { load } = scenario
  if (load.kind !== 'find') {
    return parts.length < scenario.rounds ? partOf(scenario, load, scenario.msgs) : undefined
  }
  const rate = nextRate?.(parts)
  if (rate === undefined) return undefined
  const { arrival, holdSeconds } = load
  const stages = [{ fromRate: rate, toRate: rate, seconds: holdSeconds }]
  return {
    ...partOf(scenario, { kind: 'open', arrival, stages }, Math.round(rate * holdSeconds)),
    steadyFromMs: holdSeconds * 1000 * HOLD_UNSTEADY_SHARE,
  }
}

function partOf(scenario: Scenario, load: PhaseLoad, msgs: number): PartPlan {
  return {
    phase: 'measure',
    groupId: GROUP_ID,
    msgs,
    mode: scenario.mode,
    load,
    spins: load.kind === 'open' && pacerSpins(availableParallelism(), scenario.threads),
    steadyFromMs: 0,
    producers: scenario.producers,
    consumers: scenario.consumers,
    pipeline: scenario.pipeline,
    producerPipeline: load.kind === 'open' ? scenario.producerPipeline : scenario.pipeline,
    payloadBytes: scenario.payloadBytes,
    seed: scenario.seed,
    leaseMs: scenario.leaseMs,
    processingMs: scenario.processingMs,
    idleBackoffMs: scenario.idleBackoffMs,
    idleBackoffMaxMs: scenario.idleBackoffMaxMs,
    requestTimeoutMs: scenario.stallTimeoutMs * REQUEST_TIMEOUT_FACTOR,
  }
}

function measured(
  { load, msgs, spins }: PartPlan,
  { tally, usage }: PhaseOutcome,
  correctness: Correctness,
): MeasuredPart {
  const part = { load, tally, correctness, usage, unsentShare: tally.unsent / msgs, spun: spins }
  if (load.kind === 'closed') return part
  const seconds = new RateProfile(load.stages).lengthNs / 1e9
  return { ...part, offered: { msgs, seconds } }
}

function correctnessOf(outcome: PhaseOutcome): Correctness {
  return judgeCorrectness(outcome.counts, outcome.tally, outcome.drain)
}

/** What it produced and settled is no figure of the scenario. */
function inWarmUp(correctness: Correctness): Correctness {
  return {
    ...correctness,
    produced: 0,
    settled: 0,
    reasons: correctness.reasons.map(reason => `In the warm-up: ${reason}`),
  }
}

function endOf({ end }: PhaseOutcome): Exclude<ScenarioEnd, { readonly kind: 'completed' }> {
  switch (end.kind) {
    case 'failed':
      return { kind: 'failed', error: end.error }
    case 'stalled':
      return { kind: 'stalled', diagnosis: end.diagnosis }
    default:
      return { kind: 'interrupted' }
  }
}
