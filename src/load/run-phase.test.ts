import { describe, expect, test } from 'vitest'
import { Tally } from '../measure/tally.ts'
import { changeText, copyPayload, invent, replacePayload } from '../testing/lies/content.ts'
import {
  deliverAfterLast,
  deliverOneForEver,
  deliverSettled,
  deliverTwice,
  leaseToTwo,
  lose,
  loseAndRepeat,
} from '../testing/lies/delivery.ts'
import { honestly, type Lie } from '../testing/lies/lie.ts'
import { replyFrom } from '../testing/lies/protocol.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { phaseOutcomeOf, SIMULATED_PLAN, simulatePhase } from '../testing/simulated-crew.ts'
import type { PhaseEnd, RunningPhase } from './crew.ts'
import type { PhaseLoad } from './phase-plan.ts'
import { type PhaseOptions, runPhase } from './run-phase.ts'

describe('runPhase() against a truthful server in memory', () => {
  test.each([
    { threads: 1, pipeline: 1 },
    { threads: 1, pipeline: 64 },
    { threads: 3, pipeline: 1 },
    { threads: 3, pipeline: 64 },
    // More threads than anybody has work for.
    { threads: 9, pipeline: 2 },
    { msgs: 1 },
    { msgs: 3, consumers: 9 },
    { msgs: 3, producers: 9 },
    { payloadBytes: { min: 39, max: 39 } },
    { payloadBytes: { min: 20, max: 300 } },
  ])('completes exactly once with %o', async settings => {
    const outcome = await simulatePhase(honestly, settings)

    expect(phaseOutcomeOf(outcome)).toBe('completed exactly-once')
    const { msgs = 60 } = settings
    expect(outcome.tally).toMatchObject({ produced: msgs, settled: msgs, deliveries: msgs })
  })
})

describe('runPhase() against a lying server in memory', () => {
  const lost = 'stalled violated lost=1'
  test.each([
    ['deliverTwice', deliverTwice(20), 'completed violated duplicated=1'],
    ['leaseToTwo', leaseToTwo(20), 'completed violated duplicated=1'],
    ['deliverSettled', deliverSettled(20), 'completed violated duplicated=1'],
    ['deliverAfterLast', deliverAfterLast(60), 'completed violated duplicated=1'],
    ['lose', lose(20), lost],
    ['lose the tail', lose(60), lost],
    ['loseAndRepeat', loseAndRepeat(20), `${lost} duplicated=1`],
    ['changeText', changeText(20, text => `${text}0`), `${lost} unexpected=1`],
    ['replacePayload', replacePayload(20, null), `${lost} corrupted=1`],
    ['copyPayload', copyPayload(20), `${lost} duplicated=1 idConflicts=1`],
    ['invent', invent(20, 'bench-9-0'), 'completed violated unexpected=1'],
  ])('%s', async (_name, lie, expected) => {
    expect(phaseOutcomeOf(await simulatePhase(lie))).toBe(expected)
  })

  test.each([
    { threads: 1, pipeline: 64 },
    { threads: 3, pipeline: 1 },
    { threads: 3, pipeline: 64 },
  ])('counts a duplicate and a loss apart with %o', async settings => {
    const outcome = await simulatePhase(loseAndRepeat(20), settings)

    expect(phaseOutcomeOf(outcome)).toBe(`${lost} duplicated=1`)
  })

  test('does not take deliveries that repeat for ever for progress', async () => {
    const outcome = await simulatePhase(deliverOneForEver())

    expect.assert(outcome.end.kind === 'stalled')
    expect(outcome.counts).toMatchObject({ settled: 1, produced: 60 })
    expect(outcome.tally.duplicated).toBe(outcome.tally.deliveries - 1)
    // More than its counter of a message can hold.
    expect(outcome.tally.duplicated).toBeGreaterThan(300)
  })

  test('claims no loss before consumers have asked again after the last message', async () => {
    const asleep = { idleBackoffMs: 5000, idleBackoffMaxMs: 5000, stallTimeoutMs: 500 }
    const lie = replyFrom(1, 'acquire', () => ({ kind: 'empty' }))
    const outcome = await simulatePhase(lie, asleep)

    expect(phaseOutcomeOf(outcome)).toBe('stalled unknown')
    expect(outcome.counts).toMatchObject({ produced: 60, missing: 60 })
  })

  test('claims no loss while the last message may be in an answer that does not come', async () => {
    let hidden = 0
    const lie: Lie = (request, truth) => {
      if (request.kind !== 'acquire') return truth.answer(request)
      const answer = truth.answer(request)
      if (answer.kind === 'message' && answer.messageId < 59) return answer
      hidden += 1
      return { kind: hidden === 30 ? 'silence' : 'empty' }
    }
    const outcome = await simulatePhase(lie)

    expect(phaseOutcomeOf(outcome)).toBe('stalled unknown')
    expect(outcome.counts).toMatchObject({ produced: 60, missing: 1 })
  })

  // One consumer sleeps beyond the stall while the other settles the last message.
  test('is not exactly once when it stalled before every consumer had probed', async () => {
    const asleep = { idleBackoffMs: 5000, idleBackoffMaxMs: 5000, stallTimeoutMs: 500 }
    const outcome = await simulatePhase(honestly, { ...asleep, msgs: 3, consumers: 2 })

    expect(outcome.counts).toMatchObject({ produced: 3, settled: 3, missing: 0 })
    expect(phaseOutcomeOf(outcome)).toBe('stalled unknown')
  })

  test('knows nothing of a message whose PRODUCE has no answer', async () => {
    const outcome = await simulatePhase(replyFrom(20, 'produce', () => ({ kind: 'silence' })))

    expect(phaseOutcomeOf(outcome)).toBe('stalled unknown')
    expect(outcome.drain).toMatchObject({
      reason: expect.stringContaining('3 PRODUCE without an answer'),
    })
  })
})

/** A phase whose threads said that they are done before they had sent anything. */
function endedPhase(): RunningPhase {
  const tally = new Tally().toData()
  const requests = { openProduces: 0, openConsumes: 0, foundNothingSinceNs: 0 }
  const report = { tally, ...requests, failure: undefined }
  return {
    started: Promise.resolve(),
    produced: Promise.resolve(),
    ended: Promise.resolve({ reports: [report], usage: {} }),
    stop() {},
    abandon() {},
  }
}

function optionsOf(settings: Partial<PhaseOptions> = {}): PhaseOptions {
  const { signal } = new AbortController()
  const limits = { stallTimeoutMs: 500, timeoutMs: 60_000 }
  return { ...limits, clock: new ManualClock(), signal, onProgress() {}, ...settings }
}

describe('runPhase()', () => {
  test.each<{ name: string; load: PhaseLoad; gap: string }>([
    { name: 'a number of messages', load: { kind: 'closed' }, gap: '0 of 60 were sent' },
    { name: 'a time', load: { kind: 'closed', durationSeconds: 1 }, gap: '0 of 60 were sent' },
    {
      name: 'a rate',
      load: { kind: 'open', arrival: 'constant', stages: [] },
      gap: '0 of 60 were sent, 0 given up',
    },
  ])('does not take producers that ended early for done, with $name', async ({ load, gap }) => {
    const plan = { ...SIMULATED_PLAN, load }
    const { end, drain } = await runPhase({ run: endedPhase }, plan, optionsOf())

    expect.assert(end.kind === 'failed')
    expect(end.error.code).toBe('INTERNAL')
    expect(end.error.message).toContain(`Cannot account for all messages: ${gap}`)
    expect(drain).toEqual({ kind: 'not-drained', reason: end.error.message })
  })

  test('abandons threads that do not stop', async () => {
    const clock = new ManualClock()
    const ended = Promise.withResolvers<PhaseEnd>()
    const heard: string[] = []
    const phase: RunningPhase = {
      started: new Promise(() => {}),
      produced: new Promise(() => {}),
      ended: ended.promise,
      stop: () => heard.push(`stop at ${clock.nowNs() / 1e6} ms`),
      abandon(reason) {
        heard.push(`abandon at ${clock.nowNs() / 1e6} ms: ${reason}`)
        ended.resolve({ reports: [], usage: {} })
      },
    }
    const options = optionsOf({ clock, signal: AbortSignal.abort() })
    const outcome = runPhase({ run: () => phase }, SIMULATED_PLAN, options)
    for (const waitMs of [20, 5000]) {
      clock.advance(waitMs)
      await new Promise(resolve => setImmediate(resolve))
    }

    expect((await outcome).end.kind).toBe('interrupted')
    expect(heard).toEqual(['stop at 20 ms', 'abandon at 5020 ms: it did not stop within 5000 ms'])
    expect(clock.pendingTimers).toBe(0)
  })
})
