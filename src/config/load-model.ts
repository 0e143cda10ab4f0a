import { z } from 'zod'
import { listBudgets } from './budget-schema.ts'
import { issuesOfContradictions } from './contradictions.ts'
import type { ConfigPath } from './field.ts'
import { loadShape, MSGS_MAX, RUN_SECONDS_MAX } from './load-schema.ts'
import type { Keys } from './outline.ts'
import type { Arrival, LoadModel, Stage } from './scenario.ts'

/** How a scenario sends, and how many messages: of a run that is limited by time, the most. */
export type LoadReading =
  | { readonly kind: 'read'; readonly load: LoadModel; readonly msgs: number }
  /** The keys can be used one by one, and not together; the places are from the scenario. */
  | { readonly kind: 'refused'; readonly places: readonly ConfigPath[]; readonly message: string }
  /** Keys are wrong by themselves, contradict each other, or say too little. */
  | { readonly kind: 'unreadable' }

export function readLoad(keys: Keys): LoadReading {
  const { data } = loadSchema.safeParse(keys)
  if (data === undefined || issuesOfContradictions(keys, []).length > 0) return UNREADABLE
  const { msgs, durationSeconds, rate, stages, find, arrival = 'constant' } = data
  if (find !== undefined) return readFind(find, arrival)
  if (stages !== undefined) return readStages(stages, arrival)
  if (msgs !== undefined) {
    if (rate === undefined) return { kind: 'read', load: { kind: 'closed' }, msgs }
    return readRate({ rate, arrival, msgs, seconds: msgs / rate, place: ['msgs'] })
  }
  if (durationSeconds === undefined) return UNREADABLE
  if (rate !== undefined) {
    const whole = Math.round(rate * durationSeconds)
    const place = ['durationSeconds']
    return readRate({ rate, arrival, msgs: whole, seconds: durationSeconds, place })
  }
  const capacity = Math.ceil(durationSeconds * CLOSED_LOOP_RATE_MAX)
  return {
    kind: 'read',
    load: { kind: 'closed', durationSeconds },
    msgs: Math.min(MSGS_MAX, capacity),
  }
}

/** No closed loop of ours sends more per second; a run that is limited by time has room for it. */
const CLOSED_LOOP_RATE_MAX = 1_000_000

const UNREADABLE: LoadReading = { kind: 'unreadable' }
const loadSchema = z.object(loadShape)
type Load = z.output<typeof loadSchema>

function readFind(
  { maxRate, holdSeconds, while: limits }: NonNullable<Load['find']>,
  arrival: Arrival,
): LoadReading {
  const { from: fromRate, to: toRate } = maxRate
  const limited = listBudgets(limits)
  return withinLimits({
    load: { kind: 'find', arrival, fromRate, toRate, holdSeconds, while: limited },
    msgs: Math.ceil(toRate * holdSeconds),
    seconds: holdSeconds,
    places: [['find', 'maxRate', 'to']],
    task: `hold ${toRate} messages per second for ${holdSeconds} seconds`,
  })
}

function readStages(written: NonNullable<Load['stages']>, arrival: Arrival): LoadReading {
  const stages = written.map(
    ({ from, rate, seconds }): Stage => ({ fromRate: from ?? rate, toRate: rate, seconds }),
  )
  const msgs = stages.map(({ fromRate, toRate, seconds }) => ((fromRate + toRate) / 2) * seconds)
  return withinLimits({
    load: { kind: 'open', arrival, stages },
    msgs: Math.round(sum(msgs)),
    seconds: sum(stages.map(({ seconds }) => seconds)),
    places: [['stages']],
    task: 'run the stages',
  })
}

function readRate(options: {
  readonly rate: number
  readonly arrival: Arrival
  readonly msgs: number
  readonly seconds: number
  /** Of the key that says how much. */
  readonly place: ConfigPath
}): LoadReading {
  const { rate, arrival, msgs, seconds, place } = options
  return withinLimits({
    load: { kind: 'open', arrival, stages: [{ fromRate: rate, toRate: rate, seconds }] },
    msgs,
    seconds,
    places: [['rate'], place],
    task: `send ${rate} messages per second for ${seconds} seconds`,
  })
}

function withinLimits({ load, msgs, seconds, places, task }: Plan): LoadReading {
  if (msgs < 1 || msgs > MSGS_MAX) {
    const message = `Cannot ${task}: that makes ${msgs} messages, and a run has 1 to ${MSGS_MAX}`
    return { kind: 'refused', places, message }
  }
  if (seconds > RUN_SECONDS_MAX) {
    const message = `Cannot ${task}: that takes ${seconds} seconds, and a run has ${RUN_SECONDS_MAX}`
    return { kind: 'refused', places, message }
  }
  return { kind: 'read', load, msgs }
}

interface Plan {
  readonly load: LoadModel
  readonly msgs: number
  readonly seconds: number
  readonly places: readonly ConfigPath[]
  readonly task: string
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
