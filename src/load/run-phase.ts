import { type Clock, pause } from '../clock.ts'
import { BenchError } from '../errors.ts'
import type { Drain } from '../ledger/judge-correctness.ts'
import { Ledger, type LedgerCounts } from '../ledger/ledger.ts'
import { Tally } from '../measure/tally.ts'
import { Board, type Progress } from './board.ts'
import type { Crew, PhaseEnd, RunningPhase } from './crew.ts'
import type { PhasePlan } from './phase-plan.ts'
import { type Supervision, Supervisor, type SupervisorLimits } from './supervisor.ts'

/** What a phase left behind, however it ended. */
export interface PhaseOutcome {
  readonly end: /** All is accounted for. */
    | { readonly kind: 'completed' }
    /** It did not go on; `diagnosis` says where it stands. */
    | { readonly kind: 'stalled'; readonly diagnosis: string }
    | { readonly kind: 'failed'; readonly error: BenchError }
    | { readonly kind: 'interrupted' }
  readonly drain: Drain
  readonly tally: Tally
  readonly counts: LedgerCounts
  readonly loadCpuNs: number | undefined
}

export interface PhaseOptions extends SupervisorLimits {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

const LOOK_EVERY_MS = 20
/** How long threads may take to end a phase that was stopped; far beyond what a live one needs. */
const STOP_LIMIT_MS = 5000

/**
 * Runs one phase on the crew until it is over, stalls, takes too long or is interrupted. Never
 * throws, and waits for nothing without a limit.
 */
export async function runPhase(
  crew: Pick<Crew, 'run'>,
  plan: PhasePlan,
  options: PhaseOptions,
): Promise<PhaseOutcome> {
  const ledger = new Ledger(plan.msgs)
  const board = new Board()
  const supervisor = new Supervisor(options, options.clock.nowNs())
  const phase = crew.run(plan, { ledger: ledger.shared, board: board.shared })
  const over = new AbortController()
  const ended = phase.ended.finally(() => over.abort())
  const stopped = await watch(phase, { ledger, board, supervisor, over: over.signal }, options)
  if (stopped !== undefined) {
    phase.stop()
    const isOver = await elapsed(options.clock, STOP_LIMIT_MS, over.signal)
    if (!isOver) phase.abandon(`it did not stop within ${STOP_LIMIT_MS} ms`)
  }
  return describe(plan, await ended, stopped, ledger)
}

/** Why a phase was stopped from outside; `undefined` when it ended by itself. */
type Stopped =
  | Exclude<Supervision, { kind: 'running' }>
  | { readonly kind: 'interrupted' }
  | undefined

interface Watched {
  readonly ledger: Ledger
  readonly board: Board
  readonly supervisor: Supervisor
  /** Aborted when the phase has ended. */
  readonly over: AbortSignal
}

async function watch(
  phase: RunningPhase,
  { ledger, board, supervisor, over }: Watched,
  { clock, signal, onProgress }: PhaseOptions,
): Promise<Stopped> {
  let hasStarted = false
  phase.started.then(() => {
    hasStarted = true
  })
  for (;;) {
    if (await elapsed(clock, LOOK_EVERY_MS, over)) return undefined
    const progress = board.progress()
    onProgress(progress)
    // One reading for both: a pause between two would pass for a stall.
    const nowNs = clock.nowNs()
    if (!hasStarted) supervisor.opening(nowNs)
    const seen: Stopped | { readonly kind: 'running' } = signal.aborted
      ? { kind: 'interrupted' }
      : supervisor.look(progress, nowNs, () => ledger.lastLeaseUntilNs())
    if (seen.kind !== 'running') return seen
  }
}

/** Waits for `limitMs` or until `over` is aborted; returns whether it was. */
function elapsed(clock: Clock, limitMs: number, over: AbortSignal): Promise<boolean> {
  return pause(clock, limitMs, over).then(
    () => false,
    () => true,
  )
}

function describe(
  plan: PhasePlan,
  { reports, cpuNs }: PhaseEnd,
  stopped: Stopped,
  ledger: Ledger,
): PhaseOutcome {
  const tally = new Tally()
  for (const report of reports) tally.merge(report.tally)
  const counts = ledger.count()
  const left = { tally, counts, loadCpuNs: cpuNs }
  const failure = reports.find(report => report.failure !== undefined)?.failure
  if (stopped?.kind === 'interrupted') {
    return { ...left, end: { kind: 'interrupted' }, drain: notDrained('The run was interrupted') }
  }
  if (failure !== undefined) {
    const error = new BenchError(failure.code, failure.message)
    return { ...left, end: { kind: 'failed', error }, drain: notDrained(failure.message) }
  }
  if (stopped === undefined)
    return { ...left, end: { kind: 'completed' }, drain: { kind: 'drained' } }
  const openProduces = total(reports.map(report => report.openProduces))
  const openConsumes = total(reports.map(report => report.openConsumes))
  const diagnosis = diagnose(plan, counts, { openProduces, openConsumes })
  if (stopped.kind === 'timed-out') {
    const error = new BenchError('RUN_TIMEOUT', `The scenario took too long: ${diagnosis}`)
    return { ...left, end: { kind: 'failed', error }, drain: notDrained(error.message) }
  }
  // Empty answers say something only of what the server could have given when it was asked.
  const foundNothingSinceNs = Math.min(...reports.map(report => report.foundNothingSinceNs))
  const isDrained =
    openProduces + openConsumes === 0 &&
    counts.sent === plan.msgs &&
    counts.missing > 0 &&
    foundNothingSinceNs >= Math.max(tally.lastProduceAcknowledgedNs, ledger.lastLeaseUntilNs())
  const stall = `No progress for ${stopped.quietMs} ms: ${diagnosis}`
  const drain: Drain = isDrained ? { kind: 'drained' } : notDrained(stall)
  return { ...left, end: { kind: 'stalled', diagnosis: stall }, drain }
}

function notDrained(reason: string): Drain {
  return { kind: 'not-drained', reason }
}

function diagnose(
  plan: PhasePlan,
  counts: LedgerCounts,
  open: { readonly openProduces: number; readonly openConsumes: number },
): string {
  const facts = [
    `${counts.produced} of ${plan.msgs} messages acknowledged`,
    `${counts.settled} settled`,
    counts.waiting > 0 && `${counts.waiting} never delivered`,
    open.openProduces > 0 && `${open.openProduces} PRODUCE without an answer`,
    open.openConsumes > 0 && `${open.openConsumes} ACQUIRE_NEXT or SETTLE without an answer`,
    open.openProduces + open.openConsumes === 0 && 'every request was answered',
  ]
  return facts.filter(fact => fact !== false).join(', ')
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
