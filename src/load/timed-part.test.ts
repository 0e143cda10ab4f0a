import { describe, expect, test } from 'vitest'
import type { Mode } from '../config/scenario.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import type { PhaseEnd } from './crew.ts'
import { watchTimedPart } from './timed-part.ts'

/** A phase by hand: started at 10 ms, all produced at 30 ms, over at 70 ms unless `until` is less. */
async function watchedPhase(mode: Mode, until: 'begin' | 'start' | 'produced' | 'end' = 'end') {
  const clock = new ManualClock()
  const [started, produced] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const watched: string[] = []
  const nowMs = () => clock.nowNs() / 1e6
  const phase = {
    started: started.promise,
    produced: produced.promise,
    ended: Promise.withResolvers<PhaseEnd>().promise,
    stop() {},
    abandon() {},
  }
  const end = watchTimedPart(phase, mode, {
    clock,
    watchServer() {
      watched.push(`from ${nowMs()}`)
      return {
        async stop() {
          watched.push(`to ${nowMs()}`)
          return { cpuNs: 5, memoryBytesMax: 7 }
        },
      }
    },
  })
  const steps = [
    { ms: 10, happens: () => {} },
    { ms: 10, happens: () => started.resolve() },
    { ms: 30, happens: () => produced.resolve() },
    { ms: 70, happens: () => {} },
  ]
  const last = ['begin', 'start', 'produced', 'end'].indexOf(until)
  for (const { ms, happens } of steps.slice(0, last + 1)) {
    clock.advance(ms - nowMs())
    happens()
    // What awaits it comes in its turn.
    await new Promise(resolve => setImmediate(resolve))
  }
  const usage = await end()
  expect(await end(), 'a second end is the same').toEqual(usage)
  return { watched, usage, clock, started }
}

describe('watchTimedPart()', () => {
  test.each([
    { mode: 'concurrent', watched: ['from 10', 'to 70'], wallNs: 60e6 },
    { mode: 'produce', watched: ['from 10', 'to 30'], wallNs: 20e6 },
    { mode: 'drain', watched: ['from 30', 'to 70'], wallNs: 40e6 },
  ] as const)('watches in mode $mode what that times', async ({ mode, watched, wallNs }) => {
    const phase = await watchedPhase(mode)

    expect(phase.watched).toEqual(watched)
    expect(phase.usage).toEqual({ server: { cpuNs: 5, memoryBytesMax: 7 }, wallNs })
  })

  test.each([
    { mode: 'concurrent', until: 'begin' },
    { mode: 'produce', until: 'begin' },
    { mode: 'drain', until: 'start' },
  ] as const)('has nothing of a part that never began, in mode $mode', async ({ mode, until }) => {
    const phase = await watchedPhase(mode, until)
    phase.started.resolve()
    await new Promise(resolve => setImmediate(resolve))

    expect(phase.watched).toEqual([])
    expect(phase.usage).toEqual({ server: {}, wallNs: 0 })
  })

  test('ends with the phase where producing never ended', async () => {
    const { watched, usage } = await watchedPhase('produce', 'start')

    expect(watched).toEqual(['from 10', 'to 10'])
    expect(usage.wallNs).toBe(0)
  })
})
