import { describe, expect, test } from 'vitest'
import type { Stage } from '../config/scenario.ts'
import { BenchError } from '../errors.ts'
import { Ledger } from '../ledger/ledger.ts'
import { HandDriver, type HandProducer } from '../testing/hand-driver.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { SIMULATED_PLAN } from '../testing/simulated-crew.ts'
import { Board } from './board.ts'
import { Phase, type ThreadReport } from './phase.ts'
import type { PhasePlan } from './phase-plan.ts'

const START_MS = 105

function steady(rate: number, seconds: number): Stage[] {
  return [{ fromRate: rate, toRate: rate, seconds }]
}

/** The open loop of one thread with one consumer, told at 100 ms of its start at 105 ms. */
function startPhase(stages: Stage[], settings: Partial<PhasePlan>) {
  const clock = new ManualClock()
  clock.advance(100)
  const driver = new HandDriver()
  const load = { kind: 'open', arrival: 'constant', stages } as const
  const plan: PhasePlan = { ...SIMULATED_PLAN, consumers: 1, ...settings, load }
  const ledger = new Ledger(plan.msgs)
  const board = new Board()
  const heard: string[] = []
  const reports: ThreadReport[] = []
  const shared = { ledger: ledger.shared, board: board.shared }
  const phase = new Phase({ plan, thread: 0, threads: 1, ...shared }, driver, clock, {
    ready: () => heard.push('ready'),
    produced: () => heard.push(`produced at ${clock.nowNs() / 1e6 - START_MS}`),
    ended(report) {
      heard.push('ended')
      reports.push(report)
    },
  })
  for (const channel of [...driver.producers, ...driver.consumers]) channel.events.opened()
  phase.start(START_MS * 1e6)
  const [consumer] = driver.consumers
  const [first, second = first] = driver.producers
  expect.assert(consumer !== undefined && first !== undefined && second !== undefined)
  /** Moves on to `ms` after the start. */
  const at = (ms: number) => clock.advance(START_MS + ms - clock.nowNs() / 1e6)
  return { phase, driver, first, second, consumer, clock, at, ledger, board, heard, reports }
}

/** When each open request left, in ms after the start. */
function sentMs(producer: HandProducer): readonly number[] {
  return producer.open.map(({ sentNs }) => sentNs / 1e6 - START_MS)
}

describe('Phase of an open loop', () => {
  test.each([{ spins: true }, { spins: false }])(
    'sends what is due then, whatever the answers, and all producers in turn, with %o',
    ({ spins }) => {
      const settings = { msgs: 6, producers: 2, producerPipeline: 9, spins }
      const { first, second, at, heard } = startPhase(steady(100, 0.06), settings)
      expect([...first.asked, ...second.asked]).toEqual([])
      at(50)

      expect(sentMs(first)).toEqual([0, 20, 40])
      expect(sentMs(second)).toEqual([10, 30, 50])
      expect(heard).toEqual(['ready'])
      first.acknowledge(3)
      expect(heard).toEqual(['ready'])
      second.acknowledge(3)
      expect(heard).toEqual(['ready', 'produced at 50'])
    },
  )

  test('waits out a stage without messages', () => {
    const stages = [...steady(100, 0.02), ...steady(0, 30), ...steady(100, 0.02)]
    const { first, at } = startPhase(stages, { msgs: 4, producers: 1, producerPipeline: 4 })
    at(30_030)

    expect(sentMs(first)).toEqual([0, 10, 30_020, 30_030])
  })

  test('goes on in time when the answers come before the next one is due', () => {
    const { first, at } = startPhase(steady(100, 0.04), { msgs: 4, producers: 1 })
    const sent: number[] = []
    for (const ms of [0, 10, 20, 30]) {
      at(ms)
      sent.push(...sentMs(first))
      at(ms + 5)
      first.acknowledge(1)
    }

    expect(sent).toEqual([0, 10, 20, 30])
  })

  test('goes on with a blocked producer when an answer makes room, then in time again', () => {
    const { first, at, ledger } = startPhase(steady(100, 0.04), { msgs: 4, producers: 1 })
    at(25)
    expect(sentMs(first)).toEqual([0])
    first.acknowledge(1)
    expect(sentMs(first)).toEqual([25])
    first.acknowledge(1)
    expect(sentMs(first)).toEqual([25])
    at(27)
    first.acknowledge(1)
    at(40)

    expect(sentMs(first)).toEqual([30])
    expect([0, 1, 2, 3].map(message => ledger.dueNs(message) / 1e6 - START_MS)).toEqual([
      0, 10, 20, 30,
    ])
  })

  test('does not let one producer that is blocked hold up another', () => {
    const { first, second, at } = startPhase(steady(100, 0.06), { msgs: 6, producers: 2 })
    at(12)
    second.acknowledge(1)
    at(32)

    expect(sentMs(first)).toEqual([0])
    expect(sentMs(second)).toEqual([30])
  })
})

describe('Phase of an open loop that cannot send', () => {
  // 100 ms or 1 % of the schedule, whichever is more.
  test.each([
    { seconds: 1, untilMs: 1100 },
    { seconds: 60, untilMs: 60_600 },
  ])(
    'gives up at $untilMs ms after $seconds s, and counts what it dropped',
    async ({ seconds, untilMs }) => {
      const settings = { msgs: 10 * seconds, producers: 2 }
      const { first, second, at, heard, reports, clock, phase } = startPhase(
        steady(10, seconds),
        settings,
      )
      at(untilMs - 0.001)
      first.acknowledge(1)
      expect(sentMs(first)).toEqual([untilMs - 0.001])
      at(untilMs)
      first.acknowledge(1)
      expect(first.asked).toEqual([])
      second.acknowledge(1)
      expect(second.asked).toEqual([])
      expect(heard).toEqual(['ready', `produced at ${untilMs}`])
      phase.stop()
      clock.advance(500)

      expect(reports[0]?.tally.unsent).toBe(10 * seconds - 3)
    },
  )

  test('has nothing left to wait for when all was sent before', () => {
    const { first, consumer, at, heard, clock } = startPhase(steady(100, 0.01), {
      msgs: 1,
      producers: 1,
    })
    at(1)
    first.acknowledge(1)
    consumer.answer('empty')
    expect(heard).toEqual(['ready', 'produced at 1'])
    expect(clock.pendingTimers, 'the consumer sleeps').toBe(1)
  })

  test('leaves no timer behind when it is stopped', () => {
    const { phase, first, consumer, at, heard, clock } = startPhase(steady(10, 60), { msgs: 600 })
    at(1)
    phase.stop()
    first.acknowledge(1)
    consumer.answer('empty')

    expect(heard.at(-1)).toBe('ended')
    expect(clock.pendingTimers).toBe(0)
  })

  test('leaves no timer behind when a connection breaks', () => {
    const { first, second, at, heard, clock } = startPhase(steady(10, 60), { msgs: 600 })
    at(1)
    second.events.closed(new BenchError('CONNECTION_CLOSED', 'Gone'))

    expect(heard).toEqual(['ready', 'ended'])
    expect(clock.pendingTimers).toBe(0)
    at(61_000)
    expect(first.asked).toEqual(['produce 0'])
  })
})

test('Phase verifies what was due before steadyFromMs and leaves it out of all figures', () => {
  const settings = { msgs: 3, producers: 1, producerPipeline: 3, steadyFromMs: 15 }
  const { first, consumer, at, ledger, board, heard, reports } = startPhase(
    steady(100, 0.03),
    settings,
  )
  at(2)
  first.acknowledge(1)
  consumer.answer('empty')
  at(16)
  first.acknowledge(1)
  for (const message of [0, 1]) {
    consumer.answer({ deliver: `bench-0-${message}` })
    consumer.answer('settled')
  }
  at(21)
  first.acknowledge(1)
  consumer.answer({ deliver: 'bench-0-2' })
  at(26)
  consumer.answer('settled')
  consumer.answer('empty')
  at(50)
  consumer.answer('empty')

  expect(heard.at(-1)).toBe('ended')
  expect(ledger.count()).toMatchObject({ sent: 3, produced: 3, settled: 3 })
  expect(board.progress()).toEqual({ acknowledged: 3, delivered: 3, settled: 3 })
  const [tally] = reports.map(report => report.tally)
  expect.assert(tally !== undefined)
  for (const name of ['latency', 'wait', 'hold', 'settle', 'ingest', 'lag'] as const) {
    expect(countOf(tally.legs[name]), name).toBe(1)
  }
  expect(tally.legs.latency.sumNs).toBe(6e6)
  const startNs = START_MS * 1e6
  expect(tally).toMatchObject({
    produced: 1,
    settled: 1,
    deliveries: 3,
    sentSumNs: 20e6,
    settledSumNs: 26e6,
    firstProduceSentNs: startNs + 20e6,
    firstAcquireSentNs: startNs + 16e6,
    lastSettleAcknowledgedNs: startNs + 26e6,
    idleWaitNs: 0,
  })
})

function countOf({ buckets }: { readonly buckets: readonly (readonly [number, number])[] }) {
  return buckets.reduce((total, [, count]) => total + count, 0)
}
