import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { listProc, membersOf, readProc } from './group-members.ts'
import { startServerProcess } from './server-process.ts'
import { startWatchdog } from './watchdog.ts'

function runningMembers(group: number): number {
  return membersOf(group).filter(member => !member.isZombie).length
}

const LISTEN = `'${process.execPath}' -e 'require("net").createServer().listen({port})'`

/** A process that starts the command as its target, says the group, and goes on. */
const PARENT = `
  import { startTarget } from ${JSON.stringify(new URL('start-target.ts', import.meta.url).href)}
  const target = await startTarget({ kind: 'command', command: process.argv[1], readyTimeoutMs: 10000 })
  console.log(target.pid)
`

async function startParent(command: string) {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT, command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(parent.stdout, 'data')
  return { parent, group: Number(line) }
}

describe.runIf(process.platform === 'linux')('a target whose parent is killed', () => {
  test('ends with its grandchildren', async () => {
    const { parent, group } = await startParent(`sleep 60 & (sleep 60; true) & exec ${LISTEN}`)
    expect(runningMembers(group)).toBeGreaterThanOrEqual(3)
    parent.kill('SIGKILL')
    await expect.poll(() => runningMembers(group), { timeout: 2_000 }).toBe(0)
  })

  test('ends although it is stopped', async () => {
    const { parent, group } = await startParent(`sleep 60 & exec ${LISTEN}`)
    process.kill(-group, 'SIGSTOP')
    parent.kill('SIGKILL')
    await expect.poll(() => runningMembers(group), { timeout: 2_000 }).toBe(0)
  })

  test('ends within a few seconds although it ignores SIGTERM', async () => {
    const { parent, group } = await startParent(`trap "" TERM; sleep 60 & ${LISTEN}; true`)
    expect(runningMembers(group)).toBe(3)
    parent.kill('SIGKILL')
    await expect.poll(() => runningMembers(group), { timeout: 4_000 }).toBe(0)
  })

  test('ends when the parent is interrupted', async () => {
    const { parent, group } = await startParent(`sleep 60 & exec ${LISTEN}`)
    parent.kill('SIGINT')
    await expect.poll(() => runningMembers(group), { timeout: 2_000 }).toBe(0)
  })
})

describe.runIf(process.platform === 'linux')('Watchdog', () => {
  test('leaves a released group alone and ends itself', async () => {
    await using server = await startSleeper()
    const watchdog = await startWatchdog()
    await watchdog.guard(server.pid)
    await watchdog.release()
    expect(runningMembers(watchdog.pid)).toBe(0)
    expect(runningMembers(server.pid)).toBe(1)
  })

  test('can be released before it knows a group', async () => {
    const watchdog = await startWatchdog()
    await watchdog.release()
    expect(runningMembers(watchdog.pid)).toBe(0)
  })

  test('survives SIGTERM, SIGINT and SIGHUP', async () => {
    const watchdog = await startWatchdog()
    // Bits of SIGHUP, SIGINT and SIGTERM: before it is up, nobody can send it one.
    await expect.poll(() => ignoredSignals(watchdog.pid) & 0x4003).toBe(0x4003)
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.kill(watchdog.pid, signal)
    expect(runningMembers(watchdog.pid)).toBe(1)
    await watchdog.release()
  })

  test('ends its server when it is killed itself', async () => {
    const before = new Set(watchdogs())
    await using server = await startSleeper()
    const [pid] = watchdogs().filter(candidate => !before.has(candidate))
    expect.assert(pid !== undefined)
    process.kill(pid, 'SIGKILL')
    expect(await server.exited).toMatchObject({
      kind: 'signal',
      signal: 'SIGTERM',
      stderr: ['mamamia-bench: the watchdog was killed, so the server is ended'],
    })
  })
})

/** The watchdogs that this process has started and that have not ended. */
function watchdogs(): readonly number[] {
  return listProc('')
    .filter(pid => readProc(`${pid}/cmdline`)?.endsWith('mamamia-watchdog\0'))
    .filter(pid => readProc(`${pid}/status`)?.includes(`PPid:\t${process.pid}\n`))
    .map(Number)
}

function ignoredSignals(pid: number): number {
  const [, mask] = /^SigIgn:\s*(\w+)$/m.exec(readProc(`${pid}/status`) ?? '') ?? []
  return Number.parseInt(mask ?? '0', 16)
}

function startSleeper() {
  return startServerProcess(['sleep', '60'], { clock: systemClock, env: process.env })
}
