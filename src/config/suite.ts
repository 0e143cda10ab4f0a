import { z } from 'zod'
import { BenchError } from '../errors.ts'
import { listBudgets } from './budget-schema.ts'
import { type ConfigIssue, issuesOf } from './config-issue.ts'
import { type ConfigPath, showPath, showValue } from './field.ts'
import { nearestName } from './nearest-name.ts'
import { payloadBytesMin, type Scenario, type Suite, scenarioTimeoutMs } from './scenario.ts'
import { scenarioSchema, suiteSchema } from './suite-schema.ts'

/** A suite as people write it, in a file or for `defineSuite()`. */
export type SuiteInput = DeepReadonly<z.input<typeof suiteSchema>>

export type SuiteCheck =
  | { readonly kind: 'valid'; readonly suite: Suite }
  | { readonly kind: 'invalid'; readonly issues: readonly ConfigIssue[] }

/** The suite that is written in code; throws CONFIG_INVALID with every issue, one per line. */
export function defineSuite(input: SuiteInput): Suite {
  const check = checkSuite(input)
  if (check.kind === 'valid') return check.suite
  const lines = check.issues.map(({ path, message }) => `${showPath(path, 'suite')}: ${message}`)
  throw new BenchError('CONFIG_INVALID', lines.join('\n'))
}

/** Checks, merges and completes a suite of unknown content. Finds all that is wrong, in no order. */
export function checkSuite(value: unknown): SuiteCheck {
  const parsed = suiteSchema.safeParse(value)
  const outline = outlineSchema.parse(value)
  const scenarios = outline.scenarios.flatMap((written, index) =>
    written === null ? [] : [readScenario(outline.defaults, written, ['scenarios', index])],
  )
  const issues = [
    ...(parsed.success ? [] : issuesOf(parsed.error, { schema: suiteSchema, root: 'the suite' })),
    ...scenarios.flatMap(one => (one.kind === 'invalid' ? one.issues : [])),
    ...issuesOfNames(outline.scenarios.map(written => written?.name)),
  ]
  if (!parsed.success || issues.length > 0) return { kind: 'invalid', issues }
  const complete = scenarios.flatMap(one => (one.kind === 'valid' ? [one.scenario] : []))
  if (complete.length < outline.scenarios.length) {
    throw new BenchError('INTERNAL', 'Cannot complete a suite in which nothing is wrong')
  }
  const { server, output } = parsed.data
  const stated = [...Object.keys(outline.output), ...('server' in outline ? ['server'] : [])]
  return {
    kind: 'valid',
    suite: {
      scenarios: complete,
      server,
      output,
      stated: (['server', 'cli', 'html', 'json'] as const).filter(key => stated.includes(key)),
    },
  }
}

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

const recordSchema = z
  .record(z.string(), z.unknown())
  .transform(record =>
    Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)),
  )

/** What can be known of a suite whose parts may be wrong. */
const outlineSchema = recordSchema.catch({}).pipe(
  z.object({
    server: z.unknown().exactOptional(),
    output: recordSchema.catch({}),
    defaults: recordSchema.catch({}),
    scenarios: z.array(recordSchema.nullable().catch(null)).catch([]),
  }),
)

type Keys = Readonly<Record<string, unknown>>
type ScenarioReading =
  | { readonly kind: 'valid'; readonly scenario: Scenario }
  | { readonly kind: 'invalid'; readonly issues: readonly ConfigIssue[] }

/** Finds what only shows after merging; the rest is found where it is written. */
function readScenario(defaults: Keys, written: Keys, path: ConfigPath): ScenarioReading {
  const budgets = [defaults, written].map(({ budgets }) => recordSchema.catch({}).parse(budgets))
  const merged: Keys = { ...defaults, ...written, budgets: Object.assign({}, ...budgets) }
  const issues = [
    ...issuesOfMissing(merged, path),
    ...issuesOfPayload(merged, path),
    ...issuesOfBackoff(merged, path),
  ]
  const parsed = scenarioSchema.safeParse(merged)
  if (!parsed.success || issues.length > 0) return { kind: 'invalid', issues }
  return { kind: 'valid', scenario: completeScenario(parsed.data) }
}

const IDLE_BACKOFF_MAX_MS = 16

function completeScenario({ budgets = {}, ...settled }: z.output<typeof scenarioSchema>): Scenario {
  const { idleBackoffMs, consumers } = settled
  return {
    // A first wait that is longer than the usual maximum raises it.
    idleBackoffMaxMs: Math.max(IDLE_BACKOFF_MAX_MS, consumers / 4, idleBackoffMs),
    timeoutMs: scenarioTimeoutMs(settled),
    ...settled,
    budgets: listBudgets(budgets),
  }
}

function issuesOfMissing(merged: Keys, path: ConfigPath): ConfigIssue[] {
  const known = Object.keys(scenarioSchema.shape)
  const unknown = Object.keys(merged).filter(key => !known.includes(key))
  // A misspelt key is reported as such, and is not missing besides.
  const meant = unknown.map(key => nearestName(key, known))
  return ['msgs', 'producers', 'consumers']
    .filter(key => !(key in merged) && !meant.includes(key))
    .map(key => ({
      path: [...path, key],
      message: `Cannot run ${showPath(path, '')} without ${key}: neither it nor defaults has that key`,
    }))
}

const { msgs, warmupMsgs, producers, payloadBytes, idleBackoffMs, idleBackoffMaxMs } =
  scenarioSchema.shape
const payloadSchema = z.object({ msgs, warmupMsgs, producers, payloadBytes })
const backoffSchema = z.object({ idleBackoffMs, idleBackoffMaxMs })

function issuesOfPayload(merged: Keys, path: ConfigPath): ConfigIssue[] {
  const { data } = payloadSchema.safeParse(merged)
  if (data?.payloadBytes === undefined) return []
  const needed = payloadBytesMin(data)
  if (data.payloadBytes >= needed) return []
  const message = `Cannot use ${data.payloadBytes} as payloadBytes: the identity of a message needs ${needed} bytes in ${showPath(path, '')}`
  return [{ path: [...path, 'payloadBytes'], message }]
}

function issuesOfBackoff(merged: Keys, path: ConfigPath): ConfigIssue[] {
  const { data } = backoffSchema.safeParse(merged)
  if (data?.idleBackoffMaxMs === undefined || data.idleBackoffMaxMs >= data.idleBackoffMs) return []
  const message = `Cannot use ${data.idleBackoffMaxMs} as idleBackoffMaxMs: it is less than idleBackoffMs, which is ${data.idleBackoffMs}`
  return [{ path: [...path, 'idleBackoffMaxMs'], message }]
}

function issuesOfNames(names: readonly unknown[]): ConfigIssue[] {
  const first = new Map<string, number>()
  return names.flatMap((written, index) => {
    if (typeof written !== 'string') return []
    const name = written.trim()
    const earlier = first.get(name)
    if (earlier === undefined) first.set(name, index)
    if (earlier === undefined || name === '') return []
    const message = `Cannot use the name ${showValue(name)} twice: scenarios[${earlier}] has it already`
    return [{ path: ['scenarios', index, 'name'], message }]
  })
}
