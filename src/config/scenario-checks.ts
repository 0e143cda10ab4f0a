import { z } from 'zod'
import type { ConfigIssue } from './config-issue.ts'
import { type ConfigPath, showPath, showValue } from './field.ts'
import { readLoad } from './load-model.ts'
import { nearestName } from './nearest-name.ts'
import type { Keys } from './outline.ts'
import { payloadBytesOf } from './payload-schema.ts'
import { payloadBytesMin } from './scenario.ts'
import { scenarioSchema } from './scenario-schema.ts'

/** What is wrong with a scenario as a whole; it is said at the place that is written nearest to it. */
export interface ScenarioIssue {
  /** From the scenario, at least one. */
  readonly places: readonly ConfigPath[]
  readonly message: string
}

/** Finds what only shows after merging and sweeping; the rest is found where it is written. */
export function issuesOfScenario(keys: Keys, openFilesMax: number): ScenarioIssue[] {
  return [
    ...issuesOfLoad(keys),
    ...issuesOfArrival(keys),
    ...issuesOfConflicts(keys),
    ...issuesOfPayload(keys),
    ...issuesOfBackoff(keys),
    ...issuesOfConnections(keys, openFilesMax),
  ]
}

const AMOUNTS = ['msgs', 'durationSeconds', 'stages', 'find']
const OPEN_LOOPS = ['rate', 'stages', 'find']

/** What a scenario lacks and its base does not lack already. */
export function issuesOfMissing(
  keys: Keys,
  { base, path }: { readonly base: Keys | undefined; readonly path: ConfigPath },
): ConfigIssue[] {
  const lacking = base === undefined ? [] : lackOf(base)
  return lackOf(keys)
    .filter(key => !lacking.includes(key))
    .map(key => {
      const reason =
        key === 'msgs'
          ? 'neither it nor defaults says how much to send, by msgs, durationSeconds, stages or find'
          : 'neither it nor defaults has that key'
      const message = `Cannot run ${showPath(path, '')} without ${key}: ${reason}`
      return { path: [...path, key], message }
    })
}

function lackOf(keys: Keys): string[] {
  const known = Object.keys(scenarioSchema.shape)
  const unknown = Object.keys(keys).filter(key => !known.includes(key))
  // A misspelt key is reported as such, and is not missing besides.
  const meant = new Set([...Object.keys(keys), ...unknown.map(key => nearestName(key, known))])
  const alternatives = [AMOUNTS, ['producers'], ['consumers']]
  return alternatives.filter(any => !any.some(key => meant.has(key))).map(([key = '']) => key)
}

function issuesOfLoad(keys: Keys): ScenarioIssue[] {
  const reading = readLoad(keys)
  return reading.kind === 'refused' ? [{ places: reading.places, message: reading.message }] : []
}

function issuesOfArrival(keys: Keys): ScenarioIssue[] {
  if (!('arrival' in keys) || OPEN_LOOPS.some(key => key in keys)) return []
  const message = `Cannot use ${showValue(keys.arrival)} as arrival without rate, stages or find: a closed loop sends when it is answered`
  return [{ places: [['arrival']], message }]
}

/** A key, and values of another that cannot stand beside it, wherever the two are written. */
const CONFLICTS: readonly Conflict[] = [
  ...['rate', 'stages', 'find', 'durationSeconds'].map(
    (key): Conflict => ({
      key,
      rival: 'mode',
      is: value => value === 'drain',
      reason: 'the backlog is a number of messages, and is sent untimed',
    }),
  ),
  {
    key: 'find',
    rival: 'mode',
    is: value => value === 'produce',
    reason: 'a rate passes by what is delivered, too',
  },
  {
    key: 'find',
    rival: 'rounds',
    is: value => typeof value === 'number' && value > 1,
    reason: 'a search measures once, at many rates',
  },
]

interface Conflict {
  readonly key: string
  readonly rival: string
  readonly is: (value: unknown) => boolean
  readonly reason: string
}

function issuesOfConflicts(keys: Keys): ScenarioIssue[] {
  return CONFLICTS.filter(({ key, rival, is }) => key in keys && is(keys[rival])).map(
    ({ key, rival, reason }) => ({
      places: [[rival], [key]],
      message: `Cannot use ${showValue(keys[rival])} as ${rival} together with ${key}: ${reason}`,
    }),
  )
}

const { warmupMsgs, producers, consumers, payloadBytes, idleBackoffMs, idleBackoffMaxMs } =
  scenarioSchema.shape
const payloadSchema = z.object({ warmupMsgs, producers, payloadBytes })
const backoffSchema = z.object({ idleBackoffMs, idleBackoffMaxMs })
const connectionsSchema = z.object({ producers, consumers })

function issuesOfPayload(keys: Keys): ScenarioIssue[] {
  const { data } = payloadSchema.safeParse(keys)
  const reading = readLoad(keys)
  if (data?.payloadBytes === undefined || reading.kind !== 'read') return []
  const { min } = payloadBytesOf(data.payloadBytes)
  const needed = payloadBytesMin({ ...data, msgs: reading.msgs })
  if (min >= needed) return []
  const msgs = Math.max(reading.msgs, data.warmupMsgs)
  const message = `Cannot use ${min} as payloadBytes: the longest identity of ${msgs} messages needs ${needed} bytes`
  return [{ places: [['payloadBytes']], message }]
}

function issuesOfBackoff(keys: Keys): ScenarioIssue[] {
  const { data } = backoffSchema.safeParse(keys)
  if (data?.idleBackoffMaxMs === undefined || data.idleBackoffMaxMs >= data.idleBackoffMs) return []
  const message = `Cannot use ${data.idleBackoffMaxMs} as idleBackoffMaxMs: it is less than idleBackoffMs, which is ${data.idleBackoffMs}`
  return [{ places: [['idleBackoffMaxMs'], ['idleBackoffMs']], message }]
}

/** Files of the process that are no connections of the load: code, pipes, reports. */
const OPEN_FILES_RESERVE = 64

function issuesOfConnections(keys: Keys, openFilesMax: number): ScenarioIssue[] {
  const { data } = connectionsSchema.safeParse(keys)
  if (data === undefined) return []
  const { producers, consumers } = data
  if (producers + consumers + OPEN_FILES_RESERVE <= openFilesMax) return []
  const message = `Cannot open ${producers + consumers} connections, of ${producers} producers and ${consumers} consumers: the process may open ${openFilesMax} files, and ${OPEN_FILES_RESERVE} are kept for others`
  return [{ places: [[producers > consumers ? 'producers' : 'consumers']], message }]
}
