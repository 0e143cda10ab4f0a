import { type Clock, pause } from '../clock.ts'
import type { Mode } from '../config/scenario.ts'
import { BenchError } from '../errors.ts'
import type { Drain } from '../ledger/judge-correctness.ts'
import { Ledger, type LedgerCounts } from '../ledger/ledger.ts'
import { Tally } from '../measure/tally.ts'
import { Board, type Progress } from './board.ts'
import type { Crew, PhaseEnd, RunningPhase } from './crew.ts'
import type { PhasePlan } from './phase-plan.ts'
import { type Supervision, Supervisor, type SupervisorLimits } from './supervisor.ts'
import { type PartUsage, type ServerWatch, watchTimedPart } from './timed-part.ts'

/** What a phase left behind, however it ended. */
export interface PhaseOutcome {
  readonly end: /** All is accounted for. */
    | { readonly kind: 'completed' }
    /** It did not go on; `diagnosis` says where it stands. */
    | { readonly kind: 'stalled'; readonly diagnosis: string }
    | { readonly kind: 'failed'; readonly error: BenchError }
    | { readonly kind: 'interrupted' }
  readonly mode: Mode
  readonly drain: Drain
  readonly tally: Tally
  readonly counts: LedgerCounts
  readonly usage: PartUsage
}

export interface PhaseOptions extends Omit<SupervisorLimits, 'waitsForSchedule'> {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  /** Begins to watch what the server uses, where that can be known. */
  readonly watchServer?: (() => ServerWatch) | undefined
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
  const supervisor = new Supervisor(
    { ...options, waitsForSchedule: plan.load.kind === 'open' },
    options.clock.nowNs(),
  )
  const phase = crew.run(plan, { ledger: ledger.shared, board: board.shared })
  const serverUsage = watchTimedPart(phase, plan.mode, options)
  const over = new AbortController()
  const ended = phase.ended.finally(() => over.abort())
  const watched = { plan, ledger, board, supervisor, over: over.signal }
  const stopped = await watch(phase, watched, options)
  if (stopped !== undefined) {
    phase.stop()
    const isOver = await elapsed(options.clock, STOP_LIMIT_MS, over.signal)
    if (!isOver) phase.abandon(`it did not stop within ${STOP_LIMIT_MS} ms`)
  }
  const end = await ended
  const usage = { ...(await serverUsage()), load: end.usage }
  return describe(plan, end, stopped, { ledger, usage })
}

/** Why a phase was stopped from outside; `undefined` when it ended by itself. */
type Stopped =
  | Exclude<Supervision, { kind: 'running' }>
  | { readonly kind: 'interrupted' }
  | undefined

interface Watched {
  readonly plan: PhasePlan
  readonly ledger: Ledger
  readonly board: Board
  readonly supervisor: Supervisor
  /** Aborted when the phase has ended. */
  readonly over: AbortSignal
}

async function watch(
  phase: RunningPhase,
  { plan, ledger, board, supervisor, over }: Watched,
  { clock, signal, onProgress }: PhaseOptions,
): Promise<Stopped> {
  // An open loop that is timed alone may pause while nobody consumes what it has sent.
  const isAlone = plan.load.kind === 'open' && plan.mode === 'produce'
  let isExcused = true
  const begun = isAlone ? phase.produced : phase.started
  begun.then(() => {
    isExcused = false
  })
  for (;;) {
    if (await elapsed(clock, LOOK_EVERY_MS, over)) return undefined
    const progress = board.progress()
    onProgress(progress)
    // One reading for both: a pause between two would pass for a stall.
    const nowNs = clock.nowNs()
    if (isExcused) supervisor.excuse(nowNs)
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
  { reports }: PhaseEnd,
  stopped: Stopped,
  { ledger, usage }: { readonly ledger: Ledger; readonly usage: PartUsage },
): PhaseOutcome {
  const tally = new Tally()
  for (const report of reports) tally.merge(report.tally)
  const counts = ledger.count()
  const left = { mode: plan.mode, tally, counts, usage }
  const fail = (error: BenchError): PhaseOutcome => {
    return { ...left, end: { kind: 'failed', error }, drain: notDrained(error.message) }
  }
  const failure = reports.find(report => report.failure !== undefined)?.failure
  if (stopped?.kind === 'interrupted') {
    return { ...left, end: { kind: 'interrupted' }, drain: notDrained('The run was interrupted') }
  }
  if (failure !== undefined) return fail(new BenchError(failure.code, failure.message))
  if (stopped === undefined) {
    const gap = gapOf(plan, counts, tally)
    if (gap !== undefined) return fail(new BenchError('INTERNAL', gap))
    return { ...left, end: { kind: 'completed' }, drain: { kind: 'drained' } }
  }
  const open = {
    produces: total(reports.map(report => report.openProduces)),
    consumes: total(reports.map(report => report.openConsumes)),
  }
  const diagnosis = diagnose(plan, counts, open)
  if (stopped.kind === 'timed-out') {
    return fail(new BenchError('RUN_TIMEOUT', `The scenario took too long: ${diagnosis}`))
  }
  // Empty answers say something only of what the server could have given when it was asked.
  const foundNothingSinceNs = Math.min(...reports.map(report => report.foundNothingSinceNs))
  const isDrained =
    open.produces + open.consumes === 0 &&
    gapOf(plan, counts, tally) === undefined &&
    counts.missing > 0 &&
    foundNothingSinceNs >= Math.max(tally.lastProduceAcknowledgedNs, ledger.lastLeaseUntilNs())
  const stall = `No progress for ${stopped.quietMs} ms: ${diagnosis}`
  const drain: Drain = isDrained ? { kind: 'drained' } : notDrained(stall)
  return { ...left, end: { kind: 'stalled', diagnosis: stall }, drain }
}

/** Says what is wrong where not every message of the plan was sent, and none was given up. */
function gapOf(plan: PhasePlan, { sent }: LedgerCounts, { unsent }: Tally): string | undefined {
  const { load, msgs } = plan
  const endsByTime = load.kind === 'closed' && load.durationSeconds !== undefined
  if (endsByTime ? sent > 0 : sent + unsent === msgs) return undefined
  return `Cannot account for all messages: ${sent} of ${msgs} were sent, ${unsent} given up`
}

function notDrained(reason: string): Drain {
  return { kind: 'not-drained', reason }
}

function diagnose(
  plan: PhasePlan,
  counts: LedgerCounts,
  open: { readonly produces: number; readonly consumes: number },
): string {
  const facts = [
    `${counts.produced} of ${plan.msgs} messages acknowledged`,
    `${counts.settled} settled`,
    counts.waiting > 0 && `${counts.waiting} never delivered`,
    open.produces > 0 && `${open.produces} PRODUCE without an answer`,
    open.consumes > 0 && `${open.consumes} ACQUIRE_NEXT or SETTLE without an answer`,
    open.produces + open.consumes === 0 && 'every request was answered',
  ]
  return facts.filter(fact => fact !== false).join(', ')
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
