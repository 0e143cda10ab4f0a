import { describeSearch } from '../insight/search.ts'
import { count, figure, NO_FIGURE, quantity } from '../judge/quantity.ts'
import type { MeasuredScenario } from '../judge/result.ts'
import type { WarmUp } from '../measure/levelling.ts'
import type { LittlesLaw } from '../measure/littles-law.ts'
import type { Resources } from '../measure/resources.ts'
import { percent } from './wording.ts'

/** What the figures of one scenario rest on, in sentences. */
export function evidenceOf(scenario: MeasuredScenario): readonly string[] {
  const { found, metrics, littlesLaw, warmup } = scenario
  return [
    ...(found === undefined ? [] : [`Search: ${describeSearch(found)}`]),
    ...(metrics.idleWaitShare === undefined ? [] : [idleWait(metrics.idleWaitShare)]),
    ...(littlesLaw === undefined ? [] : [agreement(littlesLaw)]),
    ...(warmup === undefined ? [] : [`Warm-up: ${levelling(warmup)}`]),
  ]
}

export interface ResourceFact {
  readonly name: string
  readonly value: string
}

/** What each side used of the machine; a dash where the platform does not tell. */
export function resourceFacts({ server, load }: Resources): readonly ResourceFact[] {
  const { memoryBytesMax } = server
  const { eventLoopUtilization } = load
  return [
    { name: 'Server CPU', value: cpuText(server) },
    {
      name: 'Server memory',
      value: memoryBytesMax === undefined ? NO_FIGURE : `${count(memoryBytesMax / 2 ** 20)} MiB`,
    },
    { name: 'Load CPU', value: cpuText(load) },
    {
      name: 'Busiest load thread',
      value:
        eventLoopUtilization === undefined ? NO_FIGURE : `${percent(eventLoopUtilization)} busy`,
    },
  ]
}

function idleWait(share: number): string {
  return `${percent(share)} of the latency was consumers asleep in their idle back-off`
}

function agreement({ inSystem, rate, latencyMs, ratio }: LittlesLaw): string {
  // Means, and so no whole messages.
  const [counted, expected] = [inSystem, (rate * latencyMs) / 1000].map(mean =>
    figure(mean, 'share'),
  )
  const factors = `${quantity(rate, 'msg/s')} × ${quantity(latencyMs, 'ms')}`
  return `Little's law: L = ${counted} messages in the system on average, λ·W = ${factors} = ${expected}, ratio ${ratio.toFixed(3)}`
}

/** So many slices must agree for a level. */
const SLICES_TO_TELL = 3

function levelling({ msgs, durationMs, sliceThroughput, levelled }: WarmUp): string {
  const what = `${quantity(msgs, 'messages')} in ${quantity(durationMs, 'ms')}`
  const last = sliceThroughput.slice(-SLICES_TO_TELL)
  if (last.length < SLICES_TO_TELL) {
    return `${what}; too short to tell whether throughput had levelled`
  }
  const [first, second, third] = last.map(throughput => figure(throughput, 'msg/s'))
  const judged = levelled ? 'throughput had levelled' : 'throughput had not levelled'
  return `${what}; ${judged}: ${first}, ${second}, ${third} msg/s in the last ${SLICES_TO_TELL} slices`
}

function cpuText({ cpuShare, cpuMs }: Resources['server' | 'load']): string {
  if (cpuShare === undefined) return NO_FIGURE
  const share = `${percent(cpuShare)} of a core`
  return cpuMs === undefined ? share : `${share}, ${quantity(cpuMs, 'ms')}`
}
