import type { RunResults } from '../judge/result.ts'
import { METRICS } from '../measure/metrics.ts'

/**
 * The text of `results.json`: two spaces, one order of keys however the objects were built, and a
 * newline at the end, so that two files can be compared as text. A number that JSON cannot write is
 * left out like any other figure without data. Without `indent` it is one line.
 */
export function resultsJson(results: RunResults, { indent = 2 } = {}): string {
  return `${JSON.stringify(results, (_key, value: unknown) => ordered(value), indent)}\n`
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter(isWritable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => isWritable(inner))
      .sort(([one], [other]) => rank(one) - rank(other) || compare(one, other)),
  )
}

/** JSON.stringify would write `null`, which means something else in some places. */
function isWritable(value: unknown): boolean {
  return typeof value !== 'number' || Number.isFinite(value)
}

function rank(key: string): number {
  return RANKS.get(key) ?? RANKS.size
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1
}

/**
 * As a reader goes through them, bulk last; a key that is missing here comes after these, by its
 * name. Some keys are of several objects, so their order is that of no single one.
 */
const KEY_ORDER: readonly string[] = [
  ...['schemaVersion', 'generatedAt', 'environment', 'suites'],
  ...['node', 'platform', 'cpu', 'cores', 'memoryBytes', 'commit'],
  ...['file', 'server', 'load', 'kind', 'addr', 'scenarios'],
  ...['name', 'group', 'status', 'params', 'error', 'inSystem'],
  ...['mode', 'msgs', 'durationSeconds', 'rate', 'stages', 'arrival'],
  ...['fromRate', 'toRate', 'seconds', 'producers', 'consumers', 'pipeline', 'threads'],
  ...['payloadBytes', 'leaseMs', 'processingMs', 'idleBackoffMs', 'idleBackoffMaxMs'],
  ...['warmupMsgs', 'failedAt', 'holds'],
  ...['metric', 'bound', 'limit', 'value', 'level', 'verdict', 'reason'],
  ...['produced', 'settled', 'lost', 'duplicated', 'corrupted', 'unexpected'],
  ...['leaseOverlaps', 'idConflicts', 'redelivered', 'reasons', 'code', 'message'],
  ...['metrics', 'correctness', 'budgets', 'doubts', 'warnings'],
  ...['found', 'rounds', 'seed', 'spread', 'littlesLaw', 'resources', 'warmup', 'timeline'],
  ...['sliceMs', 'slices', 'startMs'],
  ...['producerThroughput', 'consumerThroughput', 'efficiency'],
  ...['offeredRate', 'acceptedRate', 'maxSustainableRate', 'queueDepth', 'inFlight'],
  ...['latencyMs', 'ingestMs', 'waitMs', 'settleMs', 'holdMs', 'lagMs'],
  ...['mean', 'p50', 'p90', 'p95', 'p99', 'p999', 'min', 'max', 'ratio'],
  ...['maxQueueDepth', 'maxInFlight', 'emptyAcquires', 'idleWaitShare'],
  ...['messagesPerCpuSecond', 'durationMs', 'sliceThroughput', 'levelled'],
  ...['cpuShare', 'cpuMs', 'memoryBytesMax', 'eventLoopUtilization'],
]

/** Last come the full names of metrics, which only a spread has. */
const RANKS = new Map([...new Set([...KEY_ORDER, ...METRICS.keys()])].map((key, at) => [key, at]))
