import { expect, test } from 'vitest'
import { BenchRun } from '../testing/bench-run.ts'

/** Too many messages to come to an end before something else ends the run. */
const ENDLESS = {
  scenarios: [
    { name: 'endless', msgs: 20_000_000, producers: 2, consumers: 2 },
    { name: 'never begun', msgs: 1, producers: 1, consumers: 1 },
  ],
}

const START_LIMIT_MS = 20_000
const END_LIMIT_MS = 10_000

async function untilMessagesFlow(run: BenchRun): Promise<void> {
  // Starting takes the server less; the rest is traffic.
  const cpuTicks = () => run.server()?.cpuTicks ?? 0
  await expect.poll(cpuTicks, { timeout: START_LIMIT_MS }).toBeGreaterThan(60)
}

async function untilNothingIsLeft(run: BenchRun): Promise<void> {
  await expect.poll(() => run.processes(), { timeout: END_LIMIT_MS }).toEqual([])
}

test('Ctrl-C stops the server and leaves an interrupted result with its counts', {
  timeout: 60_000,
}, async () => {
  await using run = new BenchRun(ENDLESS)
  await untilMessagesFlow(run)

  run.interrupt()

  expect(await run.ended(), run.output).toBe(1)
  await untilNothingIsLeft(run)
  const [endless, neverBegun] = run.results().suites[0]?.scenarios ?? []
  expect(endless).toMatchObject({ name: 'endless', status: 'interrupted' })
  expect(endless?.correctness.produced).toBeGreaterThan(0)
  expect(endless?.correctness.verdict).toBe('unknown')
  expect(endless).not.toHaveProperty('metrics')
  expect(neverBegun).toMatchObject({ name: 'never begun', status: 'interrupted' })
  expect(run.output).toMatch(/endless +interrupted/)
})

test('a killed Vitest worker takes its server along', { timeout: 60_000 }, async () => {
  await using run = new BenchRun(ENDLESS)
  await untilMessagesFlow(run)
  const worker = run.worker()
  expect.assert(worker !== undefined, 'no worker runs')

  process.kill(worker.pid, 'SIGKILL')

  expect(await run.ended(), run.output).toBe(1)
  await untilNothingIsLeft(run)
})

test('a killed main process takes everything along', { timeout: 60_000 }, async () => {
  await using run = new BenchRun(ENDLESS)
  await untilMessagesFlow(run)

  process.kill(run.pid, 'SIGKILL')

  await untilNothingIsLeft(run)
})
