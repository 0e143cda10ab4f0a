import { describe, expect, test } from 'vitest'
import type { LoadModel } from '../config/scenario.ts'
import { deliverTwice, lose } from '../testing/lies/delivery.ts'
import { slowly } from '../testing/lies/harmless.ts'
import { afterLogs, honestly, type Lie } from '../testing/lies/lie.ts'
import { startLyingServer } from '../testing/lying-server.ts'
import { outcomeOf, runOn, verdictOf, wordsOf } from '../testing/run-against.ts'
import type { MeasuredPart } from './run-scenario.ts'

const PATIENT = { stallTimeoutMs: 5000, producerPipeline: 1024 }

/** Counts what each log was asked, in the order in which the logs came. */
function counting(lie: Lie, producesOf: Map<string, number>): Lie {
  return (request, truth) => {
    const { logId, kind } = request
    producesOf.set(logId, (producesOf.get(logId) ?? 0) + (kind === 'produce' ? 1 : 0))
    return lie(request, truth)
  }
}

describe.concurrent('runScenario() of three rounds', () => {
  test('measures each on a log of its own, and sums what was delivered', async () => {
    const producesOf = new Map<string, number>()
    await using server = await startLyingServer(counting(honestly, producesOf))
    const run = await runOn(server, { ...PATIENT, rounds: 3, warmupMsgs: 50, threads: 2 })

    expect(outcomeOf(run)).toBe('completed exactly-once')
    expect([...producesOf.values()]).toEqual([50, 200, 200, 200])
    expect(run.correctness).toMatchObject({ produced: 600, settled: 600 })
    expect.assert(run.kind === 'completed')
    expect(run.parts).toHaveLength(3)
    for (const { tally, correctness } of run.parts) {
      expect(tally).toMatchObject({ produced: 200, settled: 200, deliveries: 200 })
      expect(correctness).toMatchObject({ verdict: 'exactly-once', produced: 200, reasons: [] })
    }
    expect(run.warmUp).toMatchObject({ produced: 50, settled: 50 })
  })

  test('ends after the second one when that is violated, and says so', async () => {
    await using server = await startLyingServer(afterLogs(1, deliverTwice(50)))
    const run = await runOn(server, { ...PATIENT, rounds: 3 })

    expect(outcomeOf(run)).toBe('completed violated duplicated=1')
    expect(run.correctness).toMatchObject({ produced: 400, settled: 400 })
    expect(wordsOf(run)).toContain('1 delivery repeated without an expired lease or a failure')
    expect.assert(run.kind === 'completed')
    const verdicts = run.parts.map(({ correctness }) => verdictOf(correctness))
    expect(verdicts).toEqual(['exactly-once', 'violated duplicated=1'])
  })

  test('ends with the second one when that loses a message', async () => {
    await using server = await startLyingServer(afterLogs(1, lose(50)))
    const run = await runOn(server, { ...PATIENT, rounds: 3, stallTimeoutMs: 500 })

    expect(outcomeOf(run)).toBe('completed violated lost=1')
    expect.assert(run.kind === 'completed')
    expect(run.parts).toHaveLength(2)
  })

  test('has no figures when the second one stalls, and keeps what was seen', async () => {
    const silent: Lie = () => ({ kind: 'silence' })
    await using server = await startLyingServer(afterLogs(1, silent))
    const run = await runOn(server, { ...PATIENT, rounds: 3, stallTimeoutMs: 600 })

    expect(outcomeOf(run)).toBe('stalled unknown')
    expect(run.correctness).toMatchObject({ produced: 200, settled: 200 })
    expect(run).not.toHaveProperty('parts')
  })

  test('tells which part is under way, and how many are done', async () => {
    await using server = await startLyingServer(slowly(2))
    const heard = new Set<string>()
    await runOn(
      server,
      { ...PATIENT, rounds: 2, warmupMsgs: 50 },
      {
        onProgress: ({ phase, msgs, partsDone }) =>
          heard.add(`${phase} ${msgs}, ${partsDone} done`),
      },
    )

    expect([...heard]).toEqual(['warm-up 50, 0 done', 'measure 200, 0 done', 'measure 200, 1 done'])
  })

  test('asks what the server used in each of them, and not in the warm-up', async () => {
    await using server = await startLyingServer()
    let watched = 0
    const run = await runOn(
      server,
      { ...PATIENT, rounds: 2, warmupMsgs: 50 },
      {
        watchServer() {
          watched += 1
          const cpuNs = watched
          return { stop: async () => ({ cpuNs }) }
        },
      },
    )

    expect.assert(run.kind === 'completed')
    expect(run.parts.map(({ usage }) => usage.server)).toEqual([{ cpuNs: 1 }, { cpuNs: 2 }])
    for (const { usage } of run.parts) {
      expect(usage.wallNs).toBeGreaterThan(0)
      expect(usage.load.eventLoopUtilization).toBeGreaterThan(0)
      expect(usage.load.eventLoopUtilization).toBeLessThanOrEqual(1)
    }
  })
})

// Alone, so that no single round comes near to what they may take together.
test('runScenario() of six rounds takes no longer than timeoutMs with all of them', async () => {
  await using server = await startLyingServer()
  // No round is shorter than 145 ms, so that the sixth one cannot end in time.
  const stages = [{ fromRate: 200, toRate: 200, seconds: 0.15 }]
  const load: LoadModel = { kind: 'open', arrival: 'constant', stages }
  const settings = { ...PATIENT, load, msgs: 30, rounds: 6, timeoutMs: 850 }
  const run = await runOn(server, settings)

  expect(outcomeOf(run)).toBe('failed unknown')
  expect(wordsOf(run)).toContain('The scenario took too long')
})

const FIND: LoadModel = {
  kind: 'find',
  arrival: 'constant',
  fromRate: 1,
  toRate: 1e6,
  holdSeconds: 0.2,
  while: [],
}

describe.concurrent('runScenario() of a search', () => {
  test('holds the rates that it is told, each on a log of its own, until there is none', async () => {
    const producesOf = new Map<string, number>()
    await using server = await startLyingServer(counting(honestly, producesOf))
    const rates = [500, 1000, 305]
    const known: number[] = []
    const nextRate = (parts: readonly MeasuredPart[]) => {
      known.push(parts.length)
      return rates[parts.length]
    }
    const settings = { ...PATIENT, load: FIND, rounds: 9, idleBackoffMaxMs: 1, consumers: 1 }
    const run = await runOn(server, settings, { nextRate })

    expect(outcomeOf(run)).toBe('completed exactly-once')
    expect(known).toEqual([0, 1, 2, 3])
    expect.assert(run.kind === 'completed')
    const loads = run.parts.map(({ load, offered }) => ({ load, offered }))
    expect(loads).toEqual(
      rates.map(rate => ({
        load: {
          kind: 'open',
          arrival: 'constant',
          stages: [{ fromRate: rate, toRate: rate, seconds: 0.2 }],
        },
        offered: { msgs: rate * 0.2, seconds: 0.2 },
      })),
    )
    const sent = run.parts.map(
      ({ unsentShare, offered }) => (1 - unsentShare) * (offered?.msgs ?? 0),
    )
    expect([...producesOf.values()]).toEqual(sent.map(Math.round))
  })

  test('judges a rate by what was due after its first quarter, and verifies all of it', async () => {
    await using server = await startLyingServer()
    const load = { ...FIND, holdSeconds: 1.2 }
    const nextRate = (parts: readonly MeasuredPart[]) => (parts.length === 0 ? 100 : undefined)
    const run = await runOn(server, { ...PATIENT, load }, { nextRate })

    expect.assert(run.kind === 'completed')
    const [{ tally, unsentShare, correctness }] = run.parts
    const sent = Math.round(120 * (1 - unsentShare))
    expect(tally.recordFromNs - tally.startNs).toBe(300e6)
    expect(correctness).toMatchObject({ verdict: 'exactly-once', settled: sent })
    expect(tally).toMatchObject({ deliveries: sent, settled: sent - 30, produced: sent - 30 })
    expect(tally.latency.count).toBe(sent - 30)
  })

  test('ends with a rate at which a message comes twice', async () => {
    await using server = await startLyingServer(afterLogs(1, deliverTwice(20)))
    const run = await runOn(server, { ...PATIENT, load: FIND }, { nextRate: () => 500 })

    expect(outcomeOf(run)).toBe('completed violated duplicated=1')
    expect.assert(run.kind === 'completed')
    expect(run.parts).toHaveLength(2)
  })

  test('cannot come to nothing', async () => {
    await using server = await startLyingServer()

    await expect(runOn(server, { load: FIND }, { nextRate: () => undefined })).rejects.toThrow(
      'Cannot measure nothing: there is no part',
    )
  })
})
