import type { Scenario } from '../../config/scenario.ts'
import { judgeBudgets } from '../../judge/budgets.ts'
import { judgeHold } from '../../judge/hold.ts'
import { nextRate } from '../../judge/rate-search.ts'
import type { Found, Hold, MeasuredScenario, ScenarioResult } from '../../judge/result.ts'
import { judgeStatus } from '../../judge/scenario-status.ts'
import { identityOf } from '../../judge/unmeasured.ts'
import type { MeasuredPart, ScenarioRun } from '../../load/run-scenario.ts'
import { computeMetrics } from '../../measure/compute-metrics.ts'
import { assessWarmUp } from '../../measure/levelling.ts'
import { checkLittlesLaw, littlesLawHolds } from '../../measure/littles-law.ts'
import type { Metrics } from '../../measure/metrics.ts'
import { judgeBottleneck, type Resources } from '../../measure/resources.ts'
import { medianMetrics, spreadOf } from '../../measure/rounds.ts'
import type { Timeline } from '../../measure/timeline.ts'

const NS_PER_MS = 1e6

/** What a run of the scenario comes to. */
export function judgeRun(scenario: Scenario, run: ScenarioRun): ScenarioResult {
  const identity = identityOf(scenario)
  const { correctness, warnings } = run
  switch (run.kind) {
    case 'completed':
      return judgeCompleted(scenario, run)
    case 'stalled': {
      const error = { code: 'RUN_STALLED', message: run.diagnosis } as const
      return { ...identity, status: 'error', error, correctness, warnings }
    }
    case 'failed': {
      const { code, message } = run.error
      return { ...identity, status: 'error', error: { code, message }, correctness, warnings }
    }
    case 'interrupted':
      return { ...identity, status: 'interrupted', correctness, warnings }
    default:
      return run satisfies never
  }
}

/** For a search: the rate to hold after these; `undefined` when it is over. */
export function rateAfter(scenario: Scenario, parts: readonly MeasuredPart[]): number | undefined {
  if (scenario.load.kind !== 'find') return undefined
  const step = nextRate(holdsOf(scenario, parts), scenario.load)
  return step.kind === 'hold' ? step.rate : undefined
}

/** What the figures are of: all rounds, or one rate of a search. */
export function shownParts(scenario: Scenario, parts: Completed['parts']): Completed['parts'] {
  const { found } = searchOf(scenario, parts)
  return found === undefined ? parts : [shownHold(parts, found)]
}

type Completed = Extract<ScenarioRun, { readonly kind: 'completed' }>

function judgeCompleted(scenario: Scenario, run: Completed): MeasuredScenario {
  const search = searchOf(scenario, run.parts)
  const { found } = search
  const shown = shownParts(scenario, run.parts)
  const rounds = shown.map(part => metricsOf(scenario, part))
  const metrics = {
    ...medianMetrics(rounds),
    ...(found !== undefined && found.rate !== null && { maxSustainableRate: found.rate }),
  }
  const last = shown.at(-1) ?? shown[0]
  const budgets = judgeBudgets(scenario.budgets, metrics)
  const unsentShare = found === undefined ? Math.max(...shown.map(part => part.unsentShare)) : 0
  const law = scenario.mode === 'concurrent' ? checkLittlesLaw(last.tally) : undefined
  return {
    ...identityOf(scenario),
    ...judgeStatus({
      correctness: run.correctness,
      budgets,
      unsentShare,
      found: search.isOver ? found : undefined,
    }),
    metrics,
    correctness: run.correctness,
    budgets,
    warnings: [...run.warnings, ...doubts(last, resourcesOf(shown), metrics, law)],
    timeline: timelineOf(scenario, last),
    resources: resourcesOf(shown),
    ...(law !== undefined && { littlesLaw: law }),
    ...(run.warmUp !== undefined && { warmup: warmUpOf(run.warmUp) }),
    ...(rounds.length > 1 && {
      rounds: shown.map((part, index) => ({
        metrics: rounds[index] ?? {},
        correctness: part.correctness,
      })),
      spread: spreadOf(rounds),
    }),
    ...(found !== undefined && { found }),
  }
}

/** Where one side is timed alone, latency would be the age of the backlog. */
function timelineOf({ mode }: Scenario, { tally }: MeasuredPart): Timeline {
  const timeline = tally.toTimeline()
  if (mode === 'concurrent') return timeline
  return { ...timeline, slices: timeline.slices.map(({ latencyMs: _, ...slice }) => slice) }
}

function metricsOf(scenario: Scenario, { tally, usage, offered }: MeasuredPart): Metrics {
  const cpu = { serverNs: usage.server.cpuNs, loadNs: usage.load.cpuNs }
  const timing = { mode: scenario.mode, ...(offered !== undefined && { offered }) }
  return computeMetrics(tally, scenario, cpu, timing)
}

function holdsOf(scenario: Scenario, parts: readonly MeasuredPart[]): readonly Hold[] {
  const { load } = scenario
  const limits = load.kind === 'find' ? load.while : []
  return parts.map(part => {
    const metrics = metricsOf(scenario, part)
    const { correctness, unsentShare } = part
    const judged = judgeHold({ metrics, while: limits, correctness, unsentShare })
    return { rate: rateOf(part), ...judged, metrics }
  })
}

function searchOf(
  scenario: Scenario,
  parts: readonly MeasuredPart[],
): { readonly found: Found | undefined; readonly isOver: boolean } {
  if (scenario.load.kind !== 'find') return { found: undefined, isOver: true }
  const holds = holdsOf(scenario, parts)
  const step = nextRate(holds, scenario.load)
  const isOver = step.kind === 'found'
  // A search that broken delivery has ended before its time found nothing to rely on.
  const { rate, failedAt } = isOver ? step : { rate: null, failedAt: null }
  return { found: { rate, failedAt, holds }, isOver }
}

/** The last hold of the rate that was found, or the first of all when none was. */
function shownHold(parts: Completed['parts'], { rate, holds }: Found): MeasuredPart {
  const shown = holds.findLastIndex(hold => hold.rate === rate && hold.verdict === 'pass')
  return parts[Math.max(shown, 0)] ?? parts[0]
}

function rateOf({ load }: MeasuredPart): number {
  return load.kind === 'open' ? (load.stages[0]?.toRate ?? 0) : 0
}

function resourcesOf(parts: readonly MeasuredPart[]): Resources {
  const wallNs = total(parts.map(part => part.usage.wallNs)) ?? 0
  const serverNs = total(parts.map(part => part.usage.server.cpuNs))
  const loadNs = total(parts.map(part => part.usage.load.cpuNs))
  const memory = parts.flatMap(part => part.usage.server.memoryBytesMax ?? [])
  const busy = parts.flatMap(part => part.usage.load.eventLoopUtilization ?? [])
  return {
    server: {
      ...cpuOf(serverNs, wallNs),
      ...(memory.length > 0 && { memoryBytesMax: Math.max(...memory) }),
    },
    load: {
      ...cpuOf(loadNs, wallNs),
      ...(busy.length > 0 && { eventLoopUtilization: Math.max(...busy) }),
    },
  }
}

function cpuOf(cpuNs: number | undefined, wallNs: number) {
  if (cpuNs === undefined || wallNs === 0) return {}
  return { cpuShare: cpuNs / wallNs, cpuMs: cpuNs / NS_PER_MS }
}

function doubts(
  { load, spun, unsentShare }: MeasuredPart,
  resources: Resources,
  { lagMs }: Metrics,
  law: ReturnType<typeof checkLittlesLaw>,
): readonly string[] {
  const bottleneck = judgeBottleneck(resources, {
    open: load.kind === 'open',
    unsentShare,
    spinning: spun,
    ...(lagMs !== undefined && { lagP99Ms: lagMs.p99 }),
  })
  const isBroken = law !== undefined && !littlesLawHolds(law)
  return [
    ...(bottleneck.kind === 'load-bound' ? [bottleneck.message] : []),
    ...(isBroken
      ? [
          `The figures contradict each other: by Little's law ${law.inSystem.toFixed(2)} messages in the system should be ${((law.rate * law.latencyMs) / 1000).toFixed(2)}; please report this`,
        ]
      : []),
  ]
}

function warmUpOf(tally: NonNullable<Completed['warmUp']>) {
  const spanNs = tally.lastSettleAcknowledgedNs - tally.firstProduceSentNs
  return assessWarmUp(tally.toTimeline(), {
    msgs: tally.produced,
    durationMs: spanNs / NS_PER_MS,
  })
}

function total(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0
  for (const value of values) {
    if (value === undefined) return undefined
    sum += value
  }
  return sum
}
