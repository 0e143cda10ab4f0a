import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { Ledger } from '../ledger/ledger.ts'
import { startLyingServer } from '../testing/lying-server.ts'
import { SIMULATED_PLAN } from '../testing/simulated-crew.ts'
import { Board } from './board.ts'
import { Crew } from './crew.ts'
import type { PhasePlan } from './phase-plan.ts'
import { type PhaseOptions, runPhase } from './run-phase.ts'

const PLAN: PhasePlan = {
  ...SIMULATED_PLAN,
  address: { host: '127.0.0.1', port: 1 },
  msgs: 20,
  producers: 2,
  consumers: 2,
}

function optionsOf(settings: Partial<PhaseOptions> = {}): PhaseOptions {
  const { signal } = new AbortController()
  const limits = { stallTimeoutMs: 5000, timeoutMs: 20_000 }
  return { ...limits, clock: systemClock, signal, onProgress() {}, ...settings }
}

/** A thread that does what `source` says with each command. */
function threadOf(source: string): URL {
  const code = `import { parentPort } from 'node:worker_threads'\n${source}`
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`)
}

describe('Crew.run()', () => {
  test.each<{ name: string; source: string; words: string }>([
    {
      name: 'cannot be loaded',
      source: 'throw new Error("no such module")',
      words: 'no such module',
    },
    {
      name: 'crashes when it opens',
      source: 'parentPort.on("message", () => { throw new Error("cannot open") })',
      words: 'cannot open',
    },
    {
      name: 'crashes after it got ready',
      source: `parentPort.on("message", ({ kind }) => {
        if (kind === "open") parentPort.postMessage({ kind: "ready" })
        else throw new Error("cannot go on")
      })`,
      words: 'cannot go on',
    },
    {
      name: 'ends without a word',
      source: 'parentPort.on("message", () => process.exit(3))',
      words: 'it ended with code 3',
    },
  ])('ends with a failure when a thread $name', async ({ source, words }) => {
    await using crew = new Crew(2, threadOf(source))
    const outcome = await runPhase(crew, PLAN, optionsOf())

    expect.assert(outcome.end.kind === 'failed')
    expect(outcome.end.error.code).toBe('INTERNAL')
    expect(outcome.end.error.message).toBe(`A load thread failed: ${words}`)
    // The next phase does not wait for it either.
    const next = await runPhase(crew, PLAN, optionsOf())
    expect(next.end.kind).toBe('failed')
  })

  test('ends when the thread does not stop', async () => {
    await using crew = new Crew(1, threadOf('parentPort.on("message", () => {})'))
    const { shared } = new Ledger(PLAN.msgs)
    const phase = crew.run(PLAN, { ledger: shared, board: new Board().shared })
    phase.stop()
    phase.abandon('it did not stop')

    const { reports } = await phase.ended
    expect(reports).toMatchObject([
      { failure: { message: 'A load thread failed: it did not stop' } },
    ])
  })

  test('reports a plan that no thread can open as a failure', async () => {
    await using crew = new Crew(1)
    const outcome = await runPhase(crew, { ...PLAN, leaseMs: 0 }, optionsOf())

    expect.assert(outcome.end.kind === 'failed')
    expect(outcome.end.error.message).toContain('Cannot lease for 0 seconds')
  })

  test('runs one phase after the other', async () => {
    await using server = await startLyingServer()
    await using crew = new Crew(2)
    for (const logId of ['a', 'b', 'c']) {
      const plan = { ...PLAN, address: { host: server.host, port: server.port }, logId }
      const { end, counts } = await runPhase(crew, plan, optionsOf())
      expect(end).toEqual({ kind: 'completed' })
      expect(counts.settled).toBe(20)
    }
  })
})

describe('runPhase() against a port that never accepts', () => {
  const crowd = { ...PLAN, consumers: 20 }

  test('is interrupted at once', async () => {
    await using port = await openDeafPort()
    await using crew = new Crew(2)
    const controller = new AbortController()
    let looks = 0
    const onProgress = () => {
      looks += 1
      if (looks === 3) controller.abort()
    }
    const plan = { ...crowd, address: port }
    const options = optionsOf({ stallTimeoutMs: 1, signal: controller.signal, onProgress })
    const outcome = await runPhase(crew, plan, options)

    expect(outcome.end.kind).toBe('interrupted')
    expect(looks).toBe(3)
  })

  test('takes no longer than timeoutMs', async () => {
    await using port = await openDeafPort()
    await using crew = new Crew(2)
    const options = optionsOf({ timeoutMs: 300 })
    const outcome = await runPhase(crew, { ...crowd, address: port }, options)

    expect(outcome.end).toMatchObject({ kind: 'failed', error: { code: 'RUN_TIMEOUT' } })
  })

  test('fails with the address when the connections take too long, and is no stall', async () => {
    await using port = await openDeafPort()
    await using crew = new Crew(2)
    const options = optionsOf({ stallTimeoutMs: 1 })
    const outcome = await runPhase(crew, { ...crowd, address: port }, options)

    expect(outcome.end).toMatchObject({ kind: 'failed', error: { code: 'CONNECTION_FAILED' } })
    expect(outcome.drain).toEqual({
      kind: 'not-drained',
      reason: `Cannot connect to 127.0.0.1:${port.port}: no answer within 5000 ms`,
    })
  })
})

/** Once its queue of two is full, the system leaves whoever connects without an answer. */
async function openDeafPort(): Promise<AsyncDisposable & { host: string; port: number }> {
  const source = `
    const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer()
    server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
    })`
  const worker = new Worker(source, { eval: true, execArgv: [] })
  const port = await new Promise<number>(resolve => worker.once('message', resolve))
  return {
    host: '127.0.0.1',
    port,
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  }
}
