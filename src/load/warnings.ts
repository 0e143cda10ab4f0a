import type { LoadModel } from '../config/scenario.ts'
import type { PhaseOutcome } from './run-phase.ts'

/** Share of all messages in the queue at once from which latency is mostly waiting. */
const BACKLOG_SHARE_WARNED = 0.1
/** A queue so short is no backlog, whatever its share. */
const BACKLOG_WARNED_MIN = 1000

/** What a user must doubt of the phases of a scenario, each thing once, with advice. */
export function warningsOf(
  outcomes: readonly Pick<PhaseOutcome, 'end' | 'mode' | 'tally'>[],
  load: LoadModel['kind'],
): readonly string[] {
  const stalls = outcomes.flatMap(({ end }) => (end.kind === 'stalled' ? [end.diagnosis] : []))
  // A search outruns the consumers to find out when it does.
  const queued = load === 'find' ? [] : outcomes.filter(hasBacklog)
  const depth = Math.max(0, ...queued.map(({ tally }) => tally.maxQueueDepth))
  const redelivered = sum(outcomes.map(({ tally }) => tally.redelivered))
  const refused = sum(outcomes.map(({ tally }) => tally.lateSettlesRefused))
  const advice = load === 'open' ? 'lower the rate' : 'use rate to send no faster than they take'
  return [
    ...stalls,
    depth > 0 &&
      `Latency is mostly queueing: producers outran consumers, up to ${depth} messages waited at once; ${advice}`,
    redelivered > 0 &&
      `${redelivered} messages were delivered again after their lease ran out: a consumer may have processed them twice; raise leaseMs`,
    refused > 0 && `${refused} late SETTLE requests were refused`,
  ].filter(warning => warning !== false)
}

function hasBacklog({ mode, tally }: Pick<PhaseOutcome, 'mode' | 'tally'>): boolean {
  const warnedFrom = Math.max(BACKLOG_WARNED_MIN, tally.produced * BACKLOG_SHARE_WARNED)
  return mode === 'concurrent' && tally.maxQueueDepth > warnedFrom
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
