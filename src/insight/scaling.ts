import { count, factor, quantity } from '../judge/quantity.ts'
import type { MeasuredScenario, ScenarioParams, ScenarioResult } from '../judge/result.ts'

/**
 * What the figures of one suite say about scaling, as sentences that carry their numbers. Only
 * scenarios that were measured and delivered exactly once are compared; where the numbers show
 * nothing, nothing is said.
 */
export function observe(scenarios: readonly ScenarioResult[]): readonly string[] {
  const comparable = scenarios.filter(isComparable)
  return [
    ...throughputGain(comparable),
    ...efficiencyLoss(comparable),
    ...lowestLatency(comparable),
    ...comparable.flatMap(backlog),
  ]
}

/** Two figures nearer than this are not called different: one run cannot tell them apart. */
const DIFFERENCE_MIN = 1.1

/** Producers that are ahead by less than this build no backlog worth a sentence. */
const OUTRUN_MIN = 1.2

function isComparable(scenario: ScenarioResult): scenario is MeasuredScenario {
  return 'metrics' in scenario && scenario.correctness.verdict === 'exactly-once'
}

function throughputGain(scenarios: readonly MeasuredScenario[]): string[] {
  const ranked = rankedBy(scenarios, scenario => scenario.metrics.consumerThroughput)
  const baseline = smallest(ranked)
  const best = ranked.filter(entry => entry !== baseline).at(-1)
  if (baseline === undefined || best === undefined) return []
  const [most, base] = [quantity(best.value, 'msg/s'), quantity(baseline.value, 'msg/s')]
  if (best.value >= baseline.value * DIFFERENCE_MIN) {
    const gain = factor(best.value, baseline.value)
    return [
      `Consumer throughput is highest in ${described(best)}: ${most}, ${gain} the ${base} of ${described(baseline)}`,
    ]
  }
  if (participants(best.scenario.params) <= participants(baseline.scenario.params)) return []
  return [
    `More producers and consumers do not raise consumer throughput: ${described(best)} reaches ${most}, ${described(baseline)} ${base}`,
  ]
}

function efficiencyLoss(scenarios: readonly MeasuredScenario[]): string[] {
  const ranked = rankedBy(scenarios, scenario => scenario.metrics.efficiency)
  const few = smallest(ranked)
  const many = largest(ranked)
  if (few === undefined || many === undefined) return []
  const [fewest, most] = [few, many].map(entry => participants(entry.scenario.params))
  if (fewest === most || few.value < many.value * DIFFERENCE_MIN) return []
  return [
    `Efficiency falls ${factor(few.value, many.value)}, from ${quantity(few.value, 'msg/s')} per participant with ${fewest} (${few.scenario.name}) to ${quantity(many.value, 'msg/s')} with ${most} (${many.scenario.name})`,
  ]
}

function lowestLatency(scenarios: readonly MeasuredScenario[]): string[] {
  const ranked = rankedBy(scenarios, scenario => scenario.metrics.latencyMs?.p95)
  const [lowest, highest] = [ranked.at(0), ranked.at(-1)]
  if (lowest === undefined || highest === undefined) return []
  if (highest.value < lowest.value * DIFFERENCE_MIN) return []
  return [
    `p95 latency is lowest in ${described(lowest)}: ${quantity(lowest.value, 'ms')}; the highest is ${quantity(highest.value, 'ms')} in ${described(highest)}`,
  ]
}

function backlog(scenario: MeasuredScenario): string[] {
  const { producerThroughput, consumerThroughput, maxQueueDepth } = scenario.metrics
  if (!producerThroughput || !consumerThroughput || maxQueueDepth === undefined) return []
  if (producerThroughput < consumerThroughput * OUTRUN_MIN) return []
  const outran = factor(producerThroughput, consumerThroughput)
  const rates = `${count(producerThroughput)} against ${quantity(consumerThroughput, 'msg/s')}`
  const depth = quantity(maxQueueDepth, 'messages')
  return [
    `In ${scenario.name} producers outran consumers ${outran} (${rates}) and the backlog reached ${depth}${queueing(scenario)}`,
  ]
}

/** The claim that latency is queueing needs its own evidence: the share of it that was waiting. */
function queueing({ metrics: { latencyMs, waitMs } }: MeasuredScenario): string {
  if (latencyMs === undefined || waitMs === undefined) return ''
  if (waitMs.mean < latencyMs.mean / 2) return ''
  const share = Math.floor((100 * waitMs.mean) / latencyMs.mean)
  return `: its latency is queueing, ${share} % of the mean of ${quantity(latencyMs.mean, 'ms')} is waiting`
}

interface Ranked {
  readonly scenario: MeasuredScenario
  readonly value: number
}

/** The scenarios that have the figure, lowest first; equal ones stay in the order of the suite. */
function rankedBy(
  scenarios: readonly MeasuredScenario[],
  figureOf: (scenario: MeasuredScenario) => number | undefined,
): readonly Ranked[] {
  return scenarios
    .flatMap(scenario => {
      const value = figureOf(scenario)
      return value === undefined || !(value > 0) ? [] : [{ scenario, value }]
    })
    .sort((one, other) => one.value - other.value)
}

function smallest(entries: readonly Ranked[]): Ranked | undefined {
  return bySize(entries).at(0)
}

function largest(entries: readonly Ranked[]): Ranked | undefined {
  return bySize(entries).at(-1)
}

function bySize(entries: readonly Ranked[]): readonly Ranked[] {
  const size = ({ scenario: { params } }: Ranked) => params.producers + params.consumers
  const width = ({ scenario }: Ranked) => participants(scenario.params)
  return entries.toSorted((one, other) => width(one) - width(other) || size(one) - size(other))
}

function participants({ producers, consumers }: ScenarioParams): number {
  return Math.max(producers, consumers)
}

function described({ scenario: { name, params } }: Ranked): string {
  return `${name} (${plural(params.producers, 'producer')}, ${plural(params.consumers, 'consumer')})`
}

function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`
}
