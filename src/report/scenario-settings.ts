import { count, exactQuantity, NO_FIGURE } from '../judge/quantity.ts'
import type { ScenarioParams, ScenarioResult } from '../judge/result.ts'
import type { DetailTable } from './detail-tables.ts'
import { visible } from './visible-text.ts'
import { plural } from './wording.ts'

/**
 * What one scenario did, in a few words each: who sent how much and when, and every setting that is
 * not the default.
 */
export function describeSettings(params: ScenarioParams): readonly string[] {
  const { producers, consumers, pipeline, threads, processingMs, rounds } = params
  return [
    `${plural(producers, 'producer')}, ${plural(consumers, 'consumer')}`,
    ...MODES[params.mode],
    ...loadWords(params),
    `payload ${payloadText(params)} bytes`,
    ...when(pipeline !== 1, `pipeline ${count(pipeline)}`),
    plural(threads, 'load thread'),
    ...when(processingMs > 0, `${exactQuantity(processingMs, 'ms')} of work on each message`),
    ...when(params.leaseMs !== LEASE_MS, `lease ${exactQuantity(params.leaseMs, 'ms')}`),
    ...when(!hasUsualBackoff(params), `idle back-off ${backoffText(params)} ms`),
    ...when(params.warmupMsgs !== WARMUP_MSGS, `warm-up ${count(params.warmupMsgs)} messages`),
    ...when(rounds > 1, `median of ${plural(rounds, 'round')}`),
    ...when(params.seed !== SEED || isRandom(params), `seed ${params.seed}`),
  ]
}

/** The settings that the figures depend on, as they were in force; rare ones only where in use. */
export function settingsTable(scenarios: readonly ScenarioResult[]): DetailTable {
  const all = scenarios.map(({ params }) => params)
  const shown = COLUMNS.filter(({ isUsed }) => isUsed === undefined || all.some(isUsed))
  return {
    columns: shown.map(({ title }) => title),
    rows: scenarios.map(({ name, params }) => ({
      name: visible(name),
      cells: shown.map(({ text }) => text(params)),
    })),
  }
}

const MODES: Readonly<Record<ScenarioParams['mode'], readonly string[]>> = {
  concurrent: [],
  produce: ['producers timed alone'],
  drain: ['consumers timed alone, on a backlog'],
}

/** Defaults of the suite file. */
const LEASE_MS = 30_000
const IDLE_BACKOFF_MS = 1
const IDLE_BACKOFF_MAX_MS = 16
const WARMUP_MSGS = 1_000
const SEED = 1

function loadWords(params: ScenarioParams): readonly string[] {
  const { msgs, durationSeconds, rate, stages, arrival, find } = params
  const words: string[] = []
  if (rate !== undefined) words.push(exactQuantity(rate, 'msg/s'))
  if (stages !== undefined) words.push(stages.map(stageText).join(', then '))
  if (find !== undefined) words.push(searchText(find))
  if (arrival !== undefined) words.push(ARRIVALS[arrival])
  if (msgs !== undefined) words.push(exactQuantity(msgs, 'messages'))
  if (durationSeconds !== undefined) words.push(secondsText(durationSeconds))
  return words
}

const ARRIVALS: Readonly<Record<NonNullable<ScenarioParams['arrival']>, string>> = {
  constant: 'evenly spaced',
  poisson: 'Poisson arrivals',
}

function stageText({ fromRate, toRate, seconds }: NonNullable<ScenarioParams['stages']>[number]) {
  const to = exactQuantity(toRate, 'msg/s')
  if (fromRate === toRate) return `${to} for ${secondsText(seconds)}`
  return `${exactQuantity(fromRate, 'msg/s')} to ${to} in ${secondsText(seconds)}`
}

function secondsText(seconds: number): string {
  return `${seconds} s`
}

function searchText({ fromRate, toRate, holdSeconds, while: limits }: Search): string {
  const range = `${exactQuantity(fromRate, 'msg/s')} to ${exactQuantity(toRate, 'msg/s')}`
  const kept = limits.map(({ metric, bound, limit }) => `${metric} ${bound} ${limit}`)
  return `search for the highest rate from ${range} with ${kept.join(', ')}, each held for ${secondsText(holdSeconds)}`
}

type Search = NonNullable<ScenarioParams['find']>

function isRandom({ arrival, payloadBytes }: ScenarioParams): boolean {
  return arrival === 'poisson' || typeof payloadBytes !== 'number'
}

function hasUsualBackoff(params: ScenarioParams): boolean {
  const { idleBackoffMs, idleBackoffMaxMs, consumers } = params
  const isUsualMax = idleBackoffMaxMs === Math.max(IDLE_BACKOFF_MAX_MS, consumers / 4)
  return idleBackoffMs === IDLE_BACKOFF_MS && isUsualMax
}

function payloadText({ payloadBytes }: ScenarioParams): string {
  if (typeof payloadBytes === 'number') return count(payloadBytes)
  return payloadBytes.map(count).join(' to ')
}

function backoffText({ idleBackoffMs, idleBackoffMaxMs }: ScenarioParams): string {
  return `${idleBackoffMs} to ${idleBackoffMaxMs}`
}

function when(condition: boolean, words: string): readonly string[] {
  return condition ? [words] : []
}

interface SettingColumn {
  readonly title: string
  readonly text: (params: ScenarioParams) => string
  /** Without it, the column is always there. */
  readonly isUsed?: (params: ScenarioParams) => boolean
}

const COLUMNS: readonly SettingColumn[] = [
  { title: 'mode', text: params => params.mode, isUsed: ({ mode }) => mode !== 'concurrent' },
  { title: 'messages', text: ({ msgs }) => (msgs === undefined ? NO_FIGURE : count(msgs)) },
  {
    title: 'seconds',
    text: ({ durationSeconds }) => String(durationSeconds ?? NO_FIGURE),
    isUsed: ({ durationSeconds }) => durationSeconds !== undefined,
  },
  { title: 'rate', text: rateText, isUsed: params => rateText(params) !== NO_FIGURE },
  { title: 'producers', text: params => count(params.producers) },
  { title: 'consumers', text: params => count(params.consumers) },
  { title: 'pipeline', text: params => count(params.pipeline) },
  { title: 'threads', text: params => count(params.threads) },
  { title: 'payload bytes', text: payloadText },
  { title: 'lease ms', text: params => count(params.leaseMs) },
  {
    title: 'processing ms',
    text: params => count(params.processingMs),
    isUsed: ({ processingMs }) => processingMs > 0,
  },
  { title: 'idle back-off ms', text: backoffText },
  { title: 'warm-up messages', text: params => count(params.warmupMsgs) },
  { title: 'rounds', text: params => count(params.rounds), isUsed: ({ rounds }) => rounds > 1 },
]

function rateText(params: ScenarioParams): string {
  const { rate, stages } = params
  if (rate !== undefined) return exactQuantity(rate, 'msg/s')
  if (stages !== undefined) return plural(stages.length, 'stage')
  return params.find === undefined ? NO_FIGURE : 'search'
}
