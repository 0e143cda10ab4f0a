import { count, factor, quantity } from '../judge/quantity.ts'
import type { MeasuredScenario, ScenarioParams, ScenarioResult } from '../judge/result.ts'
import { describeSearch } from './search.ts'

/**
 * What the figures of one suite say about scaling, as sentences that carry their numbers. Only
 * scenarios that were measured and delivered exactly once are compared, and only with their like:
 * the throughput of an open loop is the rate that it was given, and a search has many. Where the
 * numbers show nothing, nothing is said.
 */
export function observe(scenarios: readonly ScenarioResult[]): readonly string[] {
  const sound = scenarios.filter(isSound)
  const measured = sound.filter(({ params, found }) => params.mode === 'concurrent' && !found)
  const closed = measured.filter(({ params }) => !isOpen(params))
  const open = measured.filter(({ params }) => isOpen(params))
  return [
    ...throughputGain(closed),
    ...efficiencyLoss(closed),
    ...lowestLatency(closed),
    ...lowestLatency(open),
    ...measured.flatMap(backlog),
    ...sound.flatMap(search),
  ]
}

/** Two figures nearer than this are not called different: one run cannot tell them apart. */
const DIFFERENCE_MIN = 1.1

/** Producers that are ahead by less than this build no backlog worth a sentence. */
const OUTRUN_MIN = 1.2

/** Payloads whose sizes differ by less, such as by the digits of an identity, cost the same. */
const PAYLOAD_FACTOR_MAX = 1.5

function isSound(scenario: ScenarioResult): scenario is MeasuredScenario {
  return 'metrics' in scenario && scenario.correctness.verdict === 'exactly-once'
}

function isOpen({ rate, stages }: ScenarioParams): boolean {
  return rate !== undefined || stages !== undefined
}

/** Whether two scenarios differ in participants alone, so that these explain what else differs. */
function areAlike({ params: one }: MeasuredScenario, { params: other }: MeasuredScenario): boolean {
  const [smaller = 0, larger = 0] = [payloadMean(one), payloadMean(other)].sort((a, b) => a - b)
  return (
    one.pipeline === other.pipeline &&
    one.processingMs === other.processingMs &&
    larger < smaller * PAYLOAD_FACTOR_MAX
  )
}

function payloadMean({ payloadBytes }: ScenarioParams): number {
  if (typeof payloadBytes === 'number') return payloadBytes
  const [min, max] = payloadBytes
  return (min + max) / 2
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
  if (!areAlike(best.scenario, baseline.scenario)) return []
  return [
    `More producers and consumers do not raise consumer throughput: ${described(best)} reaches ${most}, ${described(baseline)} ${base}`,
  ]
}

function efficiencyLoss(scenarios: readonly MeasuredScenario[]): string[] {
  const ranked = rankedBy(scenarios, scenario => scenario.metrics.efficiency)
  const few = smallest(ranked)
  if (few === undefined) return []
  const many = largest(ranked.filter(({ scenario }) => areAlike(scenario, few.scenario)))
  if (many === undefined) return []
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
function queueing({ params, metrics: { latencyMs, waitMs } }: MeasuredScenario): string {
  if (latencyMs === undefined || waitMs === undefined) return ''
  if (waitMs.mean < latencyMs.mean / 2) return ''
  const share = Math.floor((100 * waitMs.mean) / latencyMs.mean)
  const advice = isOpen(params) ? 'lower the rate' : 'use rate'
  return `: its latency is queueing, ${share} % of the mean of ${quantity(latencyMs.mean, 'ms')} is waiting; ${advice} to send no faster than consumers take`
}

function search({ name, found }: MeasuredScenario): string[] {
  return found === undefined ? [] : [`${name}: ${describeSearch(found)}`]
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
  const { producers, consumers, rate } = params
  const facts = [plural(producers, 'producer'), plural(consumers, 'consumer')]
  if (rate !== undefined) facts.push(quantity(rate, 'msg/s'))
  return `${name} (${facts.join(', ')})`
}

function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`
}
