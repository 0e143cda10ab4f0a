import { judgeCorrectness } from '../ledger/judge-correctness.ts'
import type { Crew, RunningPhase } from '../load/crew.ts'
import { Phase, type ThreadReport } from '../load/phase.ts'
import type { PhasePlan } from '../load/phase-plan.ts'
import { type PhaseOutcome, runPhase } from '../load/run-phase.ts'
import type { Lie } from './lies/lie.ts'
import { ManualClock } from './manual-clock.ts'
import { verdictOf } from './run-against.ts'
import { simulatedDriver } from './simulated-driver.ts'
import { type Request, Truth } from './truth.ts'

export interface SimulationSettings extends Partial<PhasePlan> {
  readonly threads?: number
  readonly stallTimeoutMs?: number
  readonly timeoutMs?: number
  /** A new one, at which the lie may look. */
  readonly clock?: ManualClock
}

/** A phase of 60 messages unless told otherwise, in memory and without real time. */
export async function simulatePhase(
  lie: Lie,
  settings: SimulationSettings = {},
): Promise<PhaseOutcome> {
  const {
    threads = 1,
    stallTimeoutMs = 500,
    timeoutMs = 60_000,
    clock = new ManualClock(),
    ...planned
  } = settings
  clock.advance(1)
  const crew = simulatedCrew(clock, lie, threads)
  let isOver = false
  const outcome = runPhase(
    crew,
    { ...SIMULATED_PLAN, producerPipeline: planned.pipeline ?? 1, ...planned },
    {
      clock,
      signal: new AbortController().signal,
      stallTimeoutMs,
      timeoutMs,
      onProgress() {},
    },
  ).finally(() => {
    isOver = true
  })
  while (!isOver) {
    clock.advance(0.5)
    // Promises move on between two steps of the clock.
    await new Promise(resolve => setImmediate(resolve))
  }
  return await outcome
}

/** How it ended, the verdict, and counts that are not zero: `stalled violated lost=1`. */
export function phaseOutcomeOf({ end, counts, tally, drain }: PhaseOutcome): string {
  return `${end.kind} ${verdictOf(judgeCorrectness(counts, tally, drain))}`
}

/** A request as it left, in ms from the start of what is timed; bytes of the payload, or 0. */
export interface LeftRequest {
  readonly kind: Request['kind']
  readonly ms: number
  readonly bytes: number
}

/** Runs a phase against an honest server, and tells what was asked of it in which order. */
export async function requestsOf(settings: SimulationSettings): Promise<{
  readonly outcome: PhaseOutcome
  readonly requests: readonly LeftRequest[]
  readonly produces: readonly LeftRequest[]
}> {
  const clock = new ManualClock()
  const arrived: LeftRequest[] = []
  const watched: Lie = (request, truth) => {
    const bytes = request.kind === 'produce' ? request.payload.length : 0
    arrived.push({ kind: request.kind, ms: clock.nowNs() / 1e6 - ANSWER_MS, bytes })
    return truth.answer(request)
  }
  const outcome = await simulatePhase(watched, { ...settings, clock })
  const startMs = outcome.tally.startNs / 1e6
  const requests = arrived.map(request => ({ ...request, ms: request.ms - startMs }))
  return { outcome, requests, produces: requests.filter(({ kind }) => kind === 'produce') }
}

/** From a request until its answer. */
const ANSWER_MS = 1

export const SIMULATED_PLAN: PhasePlan = {
  address: { host: 'nowhere', port: 1 },
  logId: 'log',
  groupId: 'group',
  msgs: 60,
  mode: 'concurrent',
  load: { kind: 'closed' },
  spins: false,
  steadyFromMs: 0,
  producers: 3,
  consumers: 4,
  pipeline: 1,
  producerPipeline: 1,
  payloadBytes: undefined,
  seed: 1,
  leaseMs: 30_000,
  processingMs: 0,
  idleBackoffMs: 1,
  idleBackoffMaxMs: 16,
  requestTimeoutMs: 1000,
}

function simulatedCrew(clock: ManualClock, lie: Lie, threads: number): Pick<Crew, 'run'> {
  const driver = simulatedDriver({ clock, truth: new Truth(clock), lie, answerMs: ANSWER_MS })
  return {
    run(plan, shared): RunningPhase {
      const started = Promise.withResolvers<void>()
      const produced = Promise.withResolvers<void>()
      const ended = Array.from({ length: threads }, () => Promise.withResolvers<ThreadReport>())
      let opening = threads
      let producing = threads
      const phases = ended.map(({ resolve }, thread) => {
        const ready = () => {
          opening -= 1
          if (opening > 0) return
          for (const phase of phases) phase.start(clock.nowNs())
          started.resolve()
        }
        return new Phase({ plan, thread, threads, ...shared }, driver, clock, {
          ready,
          produced() {
            producing -= 1
            if (producing > 0) return
            produced.resolve()
            if (plan.mode !== 'concurrent') for (const phase of phases) phase.consume(clock.nowNs())
          },
          ended: resolve,
        })
      })
      return {
        started: started.promise,
        produced: produced.promise,
        ended: Promise.all(ended.map(({ promise }) => promise)).then(reports => ({
          reports,
          usage: {},
        })),
        stop: () => {
          for (const phase of phases) phase.stop()
        },
        abandon() {},
      }
    },
  }
}
