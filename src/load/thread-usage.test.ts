import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { startThreadUsage, type ThreadUsage } from './thread-usage.ts'

const MODULE = new URL('./thread-usage.ts', import.meta.url).href
const isCpuKnown = 'threadCpuUsage' in process

/** What a thread used for `work`, and the share of the time that it did not spend in `wait`. */
async function usageOf(work: string): Promise<ThreadUsage & { readonly busyShare: number }> {
  const script = `
    const { parentPort } = require('node:worker_threads')
    let waitedMs = 0
    const burn = ms => { const end = performance.now() + ms; while (performance.now() < end); }
    const wait = async ms => {
      const start = performance.now()
      await new Promise(resolve => setTimeout(resolve, ms))
      waitedMs += performance.now() - start
    }
    import(${JSON.stringify(MODULE)}).then(async ({ startThreadUsage }) => {
      // The loop of a new thread does not run yet.
      await wait(1)
      waitedMs = 0
      const start = performance.now()
      const usage = startThreadUsage()
      ${work}
      const busyShare = 1 - waitedMs / (performance.now() - start)
      parentPort.postMessage({ ...usage(), busyShare })
    })`
  const worker = new Worker(script, { eval: true, execArgv: [] })
  const [usage] = await once(worker, 'message')
  await worker.terminate()
  return usage
}

describe('startThreadUsage()', () => {
  test.each([
    ['computes', 'burn(100)'],
    ['waits', 'await wait(200)'],
    // The first wait is over at once: timers count from before the burning.
    ['does both', 'burn(200); await wait(1); await wait(200)'],
  ])('tells of a thread that %s the share in which it did not wait', async (_, work) => {
    const error = async () => {
      const { eventLoopUtilization, busyShare } = await usageOf(work)
      return Math.abs(eventLoopUtilization - busyShare)
    }
    // Again while others use the machine: a thread that is awake but not served counts as either.
    await expect.poll(error, { interval: 0, timeout: 20_000 }).toBeLessThan(0.05)
  })

  test.runIf(isCpuKnown)('counts the CPU time of its own thread, since its start', async () => {
    const idle = usageOf('await wait(300)')
    const busy = usageOf(`
      const before = process.threadCpuUsage().user
      while (process.threadCpuUsage().user - before < 1e5);`)
    expect((await busy).cpuNs).toBeGreaterThanOrEqual(100e6)
    expect((await idle).cpuNs).toBeLessThan(50e6)
  })

  test('can be asked at once, and again', () => {
    const usage = startThreadUsage()
    const first = usage()
    const second = usage()
    expect(first.eventLoopUtilization).toBeGreaterThanOrEqual(0)
    expect(first.eventLoopUtilization).toBeLessThanOrEqual(1)
    expect(second.cpuNs ?? 0).toBeGreaterThanOrEqual(first.cpuNs ?? 0)
  })
})
