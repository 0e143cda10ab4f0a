import { test as base, expect } from 'vitest'
import { systemClock } from '../clock.ts'
import { readGroupUsage } from './group-usage.ts'
import { startServerProcess } from './server-process.ts'

const test = base.runIf(process.platform === 'linux')

/** Starts a shell command, so that its processes make a group. */
function startGroup(command: string) {
  return startServerProcess(['/bin/sh', '-c', command], { clock: systemClock, env: process.env })
}

const BURN_100_MS = `'${process.execPath}' -e 'while (process.cpuUsage().user < 1e5);'`

test('readGroupUsage() counts every process of the group', async () => {
  await using group = await startGroup('yes >/dev/null & yes >/dev/null & sleep 60')
  await expect.poll(() => readGroupUsage(group.pid)?.cpuNs).toBeGreaterThan(5e7)
  expect(readGroupUsage(group.pid)?.memoryBytes).toBeGreaterThan(1_000_000)
})

test('readGroupUsage() resolves CPU time below a millisecond and never goes back', async () => {
  await using group = await startGroup('exec yes >/dev/null')
  const readings = Array.from({ length: 200 }, () => readGroupUsage(group.pid)?.cpuNs ?? 0)
  expect(readings).toEqual(readings.toSorted((a, b) => a - b))
  await expect.poll(() => Number(readGroupUsage(group.pid)?.cpuNs) % 1e6).not.toBe(0)
})

test('readGroupUsage() keeps the CPU time of ended threads', async () => {
  const worker = 'while (process.cpuUsage().user < 1e5);'
  const script = `new (require("worker_threads").Worker)("${worker}", { eval: true }).on("exit", () => { console.log("done"); setInterval(() => {}, 1000) })`
  await using group = await startGroup(`exec '${process.execPath}' -e '${script}'`)
  await new Promise(resolve => group.stdout.once('data', resolve))
  expect(readGroupUsage(group.pid)?.cpuNs).toBeGreaterThan(9e7)
})

test('readGroupUsage() keeps the CPU time of ended children', async () => {
  await using group = await startGroup(`${BURN_100_MS}; echo done; sleep 60`)
  await new Promise(resolve => group.stdout.once('data', resolve))
  expect(readGroupUsage(group.pid)?.cpuNs).toBeGreaterThan(9e7)
})

test('readGroupUsage() knows nothing of a group that is gone', async () => {
  const group = await startGroup('sleep 60')
  await group[Symbol.asyncDispose]()
  await expect.poll(() => readGroupUsage(group.pid)).toBeUndefined()
})
