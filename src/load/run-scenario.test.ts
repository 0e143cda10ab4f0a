import { describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { Broker } from '../server/broker.ts'
import { DEFAULT_LIMITS } from '../server/limits.ts'
import { listen } from '../server/listener.ts'
import { inLongForms, leniently, slowly, slowOnce, withMoreKeys } from '../testing/lies/harmless.ts'
import { honestly, type Lie } from '../testing/lies/lie.ts'
import { startLyingServer } from '../testing/lying-server.ts'
import { outcomeOf, runAgainst, runOn, wordsOf } from '../testing/run-against.ts'

const PATIENT = { stallTimeoutMs: 5000 }

describe.concurrent('runScenario() against the embedded server', () => {
  test.each([
    { pipeline: 1, threads: 1 },
    { pipeline: 64, threads: 1 },
    { pipeline: 1, threads: 3 },
    { pipeline: 64, threads: 3 },
    { payloadBytes: { min: 39, max: 39 } },
    { payloadBytes: { min: 264, max: 264 } },
    { payloadBytes: { min: 70_000, max: 70_000 }, msgs: 50 },
    { payloadBytes: { min: 20, max: 1000 }, pipeline: 64, threads: 2 },
    { msgs: 3, consumers: 20 },
    { msgs: 3, producers: 20 },
    { msgs: 1, producers: 1, consumers: 1 },
    { msgs: 2000, producers: 10, consumers: 50, warmupMsgs: 100 },
  ])('delivers exactly once with %o, as its own counters say', async settings => {
    const broker = new Broker(DEFAULT_LIMITS)
    await using server = await listen(broker, { host: '127.0.0.1', port: 0, clock: systemClock })
    const run = await runOn(server, { ...PATIENT, ...settings })

    expect(outcomeOf(run)).toBe('completed exactly-once')
    expect(run.correctness.reasons).toEqual([])
    const { msgs = 200 } = settings
    expect.assert(run.kind === 'completed')
    expect(run.parts[0].tally).toMatchObject({ produced: msgs, settled: msgs, deliveries: msgs })
    const { logs, refusals } = broker.counters(systemClock.nowNs())
    const measured = Object.values(logs).at(-1)
    const group = { pending: 0, leased: 0, processed: msgs, dead: 0, expired: 0 }
    expect(measured).toEqual({ appended: msgs, groups: { bench: group } })
    expect(refusals).toEqual({})
  })
})

describe.concurrent('runScenario() does not accuse a server that', () => {
  test.each<{ name: string; lie: Lie }>([
    { name: 'gives payloads back in other forms', lie: inLongForms },
    { name: 'sends other keys in another order', lie: withMoreKeys },
    { name: 'is slow', lie: slowly(2) },
    { name: 'is lenient', lie: leniently(honestly) },
  ])('$name', async ({ lie }) => {
    for (const pipeline of [1, 8]) {
      const run = await runAgainst(lie, { ...PATIENT, pipeline })
      expect(outcomeOf(run)).toBe('completed exactly-once')
      expect(run.warnings).toEqual([])
    }
  })

  // Withheld beyond its lease, the SETTLE comes when the message has been given to another.
  test.each<{ name: string; around: (lie: Lie) => Lie; refused: number }>([
    { name: 'refuses the late SETTLE', around: lie => lie, refused: 1 },
    { name: 'accepts the late SETTLE', around: leniently, refused: 0 },
  ])('lets a lease run out and $name', async ({ around, refused }) => {
    const lie = around(slowOnce('settle', 50, 400))
    const run = await runAgainst(lie, { ...PATIENT, leaseMs: 200 })

    expect(outcomeOf(run)).toBe('completed exactly-once')
    expect(run.correctness.redelivered).toBe(1)
    expect(wordsOf(run)).toContain('1 messages were delivered again after their lease ran out')
    expect.assert(run.kind === 'completed')
    expect(run.parts[0].tally.lateSettlesRefused).toBe(refused)
  })

  test('is asked less often than a stall may last', async () => {
    const seldom = { stallTimeoutMs: 300, idleBackoffMs: 800, idleBackoffMaxMs: 800 }
    const run = await runAgainst(honestly, seldom)

    expect(outcomeOf(run)).toBe('completed exactly-once')
  })

  test('lets leases of one millisecond run out all the time', async () => {
    const run = await runAgainst(slowly(3), { ...PATIENT, leaseMs: 1, msgs: 50 })

    // Whether it ever gets done is another matter.
    expect(run.correctness).toMatchObject({ duplicated: 0, leaseOverlaps: 0, lost: 0 })
    expect(run.kind).toMatch(/completed|stalled/)
  })
})

describe('runScenario()', () => {
  test('is interrupted by its signal, and keeps the counts', async () => {
    await using server = await startLyingServer(slowly(5))
    const controller = new AbortController()
    const run = await runOn(
      server,
      { ...PATIENT, msgs: 100_000 },
      {
        signal: controller.signal,
        onProgress: ({ settled }) => {
          if (settled > 20) controller.abort()
        },
      },
    )

    expect(run.kind).toBe('interrupted')
    expect(run.correctness.verdict).toBe('unknown')
    expect(run.correctness.settled).toBeGreaterThan(20)
    expect(run.correctness.produced).toBeLessThan(100_000)
    expect(run.correctness.reasons).toEqual(['The run was interrupted'])
  })

  test('is interrupted when the signal was aborted before', async () => {
    await using server = await startLyingServer()
    const run = await runOn(server, { msgs: 100_000 }, { signal: AbortSignal.abort() })

    expect(run.kind).toBe('interrupted')
  })

  test('fails with the address where nobody listens', async () => {
    let port: number
    {
      await using server = await startLyingServer()
      port = server.port
    }
    const run = await runOn({ host: '127.0.0.1', port })

    expect.assert(run.kind === 'failed')
    expect(run.error.code).toBe('CONNECTION_FAILED')
    expect(run.error.message).toBe(`Cannot connect to 127.0.0.1:${port}: connection refused`)
    expect(outcomeOf(run)).toBe('failed unknown')
  })

  test('fails when it takes longer than timeoutMs, warm-up included', async () => {
    await using server = await startLyingServer(slowly(5))
    const run = await runOn(server, { ...PATIENT, msgs: 100_000, warmupMsgs: 20, timeoutMs: 1000 })

    expect.assert(run.kind === 'failed')
    expect(run.error.code).toBe('RUN_TIMEOUT')
    expect(run.error.message).toContain('of 100000 messages acknowledged')
    expect(run.correctness.verdict).toBe('unknown')
  })

  test('has no figures of what a server used that cannot be asked', async () => {
    await using server = await startLyingServer()
    const run = await runOn(server, PATIENT)

    expect.assert(run.kind === 'completed')
    expect(run.parts[0].usage.server).toEqual({})
  })

  test('tells the progress of both phases', async () => {
    await using server = await startLyingServer(slowly(2))
    const phases = new Set<string>()
    const run = await runOn(
      server,
      { ...PATIENT, warmupMsgs: 50 },
      { onProgress: ({ phase, msgs }) => phases.add(`${phase} ${msgs}`) },
    )

    expect(run.kind).toBe('completed')
    expect([...phases]).toEqual(['warm-up 50', 'measure 200'])
  })
})
