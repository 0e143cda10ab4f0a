import type { RunResults } from '../judge/result.ts'

/**
 * The text of `results.json`: two spaces, one order of keys however the objects were built, and a
 * newline at the end, so that two files can be compared as text.
 */
export function resultsJson(results: RunResults): string {
  return `${JSON.stringify(results, (_key, value: unknown) => ordered(value), 2)}\n`
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).sort(([one], [other]) => rank(one) - rank(other) || compare(one, other)),
  )
}

function rank(key: string): number {
  const index = KEY_ORDER.indexOf(key)
  return index === -1 ? KEY_ORDER.length : index
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1
}

/** As a reader goes through them; a key that is missing here comes after these, by its name. */
const KEY_ORDER: readonly string[] = [
  ...['schemaVersion', 'generatedAt', 'environment', 'suites'],
  ...['node', 'platform', 'cpu', 'cores', 'memoryBytes', 'commit'],
  ...['file', 'server', 'kind', 'addr', 'scenarios'],
  ...['name', 'status', 'params', 'error', 'metrics', 'correctness', 'budgets', 'warnings'],
  ...['msgs', 'producers', 'consumers', 'pipeline', 'threads', 'payloadBytes'],
  ...['leaseMs', 'idleBackoffMs', 'idleBackoffMaxMs', 'warmupMsgs'],
  ...['producerThroughput', 'consumerThroughput', 'efficiency'],
  ...['latencyMs', 'ingestMs', 'waitMs', 'settleMs', 'holdMs'],
  ...['mean', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'],
  ...['maxQueueDepth', 'maxInFlight', 'emptyAcquires', 'messagesPerCpuSecond', 'durationMs'],
  ...['metric', 'bound', 'limit', 'value', 'level', 'verdict', 'reason'],
  ...['produced', 'settled', 'lost', 'duplicated', 'corrupted', 'unexpected'],
  ...['leaseOverlaps', 'idConflicts', 'redelivered', 'reasons', 'code', 'message'],
]
