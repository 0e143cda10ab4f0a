import type {
  BudgetResult,
  FailedScenario,
  InterruptedScenario,
  MeasuredScenario,
  RunResults,
  ScenarioParams,
  ScenarioResult,
} from '../judge/result.ts'
import type { Correctness } from '../ledger/correctness.ts'
import type { LatencySummary, Metrics } from '../measure/metrics.ts'
import type { Timeline } from '../measure/timeline.ts'

/** Results of a run as tests need them: complete, plausible, and made of the given scenarios. */
export function exampleResults(scenarios: readonly ScenarioResult[]): RunResults {
  return {
    schemaVersion: 1,
    generatedAt: '2026-11-23T21:00:00.000Z',
    environment: {
      node: 'v24.21.0',
      platform: 'linux x64',
      cpu: 'AMD EPYC 7B13',
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      commit: '0a1b2c3d4e5f',
    },
    suites: [{ file: 'bench/default.bench.json', server: { kind: 'embedded' }, scenarios }],
  }
}

/** A measured scenario that passed; `overrides` replace whole fields. */
export function measuredScenario(overrides: Partial<MeasuredScenario> = {}): MeasuredScenario {
  const measured = overrides.metrics ?? metrics({})
  return {
    name: 'Single-Worker Baseline',
    params: params(1, 1),
    status: 'pass',
    metrics: measured,
    correctness: correctness({}),
    budgets: [],
    doubts: [],
    warnings: [],
    timeline: timeline(),
    ...littlesLawOf(measured),
    resources: {
      server: { cpuShare: 0.535, cpuMs: 4_762, memoryBytesMax: 84 * 2 ** 20 },
      load: { cpuShare: 0.786, cpuMs: 6_993, eventLoopUtilization: 0.83 },
    },
    warmup: {
      msgs: 1_000,
      durationMs: 84,
      sliceThroughput: [10_400, 11_800, 12_100, 12_900, 12_500],
      levelled: true,
    },
    ...overrides,
  }
}

/** A scenario that could not run to an end. */
export function failedScenario(overrides: Partial<FailedScenario> = {}): FailedScenario {
  return {
    name: 'High-Concurrency Stress',
    params: params(10, 50),
    status: 'error',
    error: { code: 'SERVER_EXITED', message: 'Cannot go on: the server exited with code 1' },
    correctness: correctness({
      verdict: 'unknown',
      produced: 1_200,
      settled: 1_100,
      reasons: ['The log was not drained: 100 messages were never settled'],
    }),
    warnings: [],
    ...overrides,
  }
}

/** A scenario that somebody ended with Ctrl-C. */
export function interruptedScenario(
  overrides: Partial<InterruptedScenario> = {},
): InterruptedScenario {
  return {
    name: 'Consumer-Heavy',
    params: params(2, 10),
    status: 'interrupted',
    correctness: correctness({ verdict: 'unknown', produced: 52_000, settled: 51_990 }),
    warnings: [],
    ...overrides,
  }
}

export function params(producers: number, consumers: number): ScenarioParams {
  return {
    msgs: 100_000,
    producers,
    consumers,
    mode: 'concurrent',
    pipeline: 1,
    threads: 1,
    payloadBytes: 21,
    leaseMs: 30_000,
    processingMs: 0,
    idleBackoffMs: 1,
    idleBackoffMaxMs: Math.max(16, consumers / 4),
    warmupMsgs: 1_000,
    rounds: 1,
    seed: 1,
  }
}

export function metrics(overrides: Partial<Metrics>): Metrics {
  return {
    producerThroughput: 12_345.6,
    consumerThroughput: 11_234.4,
    efficiency: 11_234.4,
    latencyMs: latency(4.1),
    ingestMs: latency(0.08),
    waitMs: latency(3.9),
    settleMs: latency(0.09),
    holdMs: latency(0.11),
    maxQueueDepth: 1_042,
    maxInFlight: 1,
    emptyAcquires: 0.0123,
    idleWaitShare: 0.118,
    messagesPerCpuSecond: { server: 21_000, load: 14_300 },
    durationMs: 8_901.2,
    ...overrides,
  }
}

/** 112 slices of 80 ms unless told otherwise, with the rates of `metrics` and some unrest. */
export function timeline(slices = 112, sliceMs = 80): Timeline {
  return {
    sliceMs,
    slices: Array.from({ length: slices }, (_, index) => {
      const unrest = 1 + Math.sin(index) / 10
      return {
        startMs: index * sliceMs,
        producerThroughput: (Math.round(12.345 * sliceMs * unrest) * 1_000) / sliceMs,
        consumerThroughput: (Math.round(11.234 * sliceMs * unrest) * 1_000) / sliceMs,
        queueDepth: Math.round(1_042 * (unrest - 0.1)),
        inFlight: 1,
        latencyMs: { p50: 2.293_76, p95: 4.063_232, p99: 5.767_168, max: 13.530_112 },
      }
    }),
  }
}

/** Figures that agree, where a message is timed from end to end. */
function littlesLawOf({ consumerThroughput: rate, latencyMs }: Metrics) {
  if (rate === undefined || latencyMs === undefined) return {}
  const inSystem = (rate * latencyMs.mean) / 1_000
  return { littlesLaw: { inSystem, rate, latencyMs: latencyMs.mean, ratio: 1 } }
}

/** A distribution with the given 95th percentile. */
export function latency(p95: number): LatencySummary {
  return {
    mean: p95 * 0.6,
    p50: p95 * 0.55,
    p90: p95 * 0.9,
    p95,
    p99: p95 * 1.4,
    p999: p95 * 2.2,
    max: p95 * 3.3,
  }
}

export function correctness(overrides: Partial<Correctness>): Correctness {
  return {
    verdict: 'exactly-once',
    produced: 100_000,
    settled: 100_000,
    lost: 0,
    duplicated: 0,
    corrupted: 0,
    unexpected: 0,
    leaseOverlaps: 0,
    idConflicts: 0,
    redelivered: 0,
    reasons: [],
    ...overrides,
  }
}

export function budget(overrides: Partial<BudgetResult>): BudgetResult {
  return {
    metric: 'latencyMs.p95',
    bound: 'max',
    limit: 50,
    value: 4.1,
    level: 'error',
    verdict: 'pass',
    reason: 'latencyMs.p95 is 4.10 ms, within the maximum of 50 ms',
    ...overrides,
  }
}
