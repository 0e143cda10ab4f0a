import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../clock.ts'
import { untilCommandAccepts } from './command-target.ts'
import { listProc, membersOf, readProc } from './group-members.ts'
import { serverExitedError } from './server-exit.ts'
import { startServerProcess } from './server-process.ts'
import { startTarget, type TargetOptions } from './start-target.ts'
import { findFreePort } from './tcp-port.ts'

/** A shell word that runs a script of Node; the script must not hold single quotes. */
function node(script: string): string {
  return `'${process.execPath}' -e '${script}'`
}

/** Real time, twenty times as fast: for limits that nobody wants to sit out. */
const hurriedClock: Clock = {
  nowNs: () => systemClock.nowNs() * 20,
  setTimer: (callback, delayMs) => systemClock.setTimer(callback, delayMs / 20),
  nextTurn: callback => systemClock.nextTurn(callback),
}

const LISTEN = node('require("net").createServer().listen(process.env.MAMAMIA_PORT, "127.0.0.1")')

function start(
  command: string,
  options: { readonly readyTimeoutMs?: number } & TargetOptions = {},
) {
  const { readyTimeoutMs = 10_000, ...rest } = options
  return startTarget({ kind: 'command', command, readyTimeoutMs, env: {} }, rest)
}

function runningMembers(group: number | undefined): number {
  return group === undefined ? 0 : membersOf(group).filter(member => !member.isZombie).length
}

test('startTarget() of a command fills in {port} and waits until it accepts', async () => {
  await using target = await start(node('require("net").createServer().listen({port})'))
  expect(target).toMatchObject({ kind: 'command', host: '127.0.0.1', port: expect.any(Number) })
  expect(await target.stats()).toBeUndefined()
})

test('startTarget() of a command gives it the environment of the setting and MAMAMIA_PORT', async () => {
  await using target = await startTarget({
    kind: 'command',
    command: `test "$GREETING" = hello && test "$PWD" -ef '${tmpdir()}' && ${LISTEN}`,
    readyTimeoutMs: 10_000,
    env: { GREETING: 'hello' },
    cwd: tmpdir(),
  })
  expect(target.port).toBeGreaterThan(0)
})

test('startTarget() of a command finds a server that listens on ::1 only', async () => {
  await using target = await start(node('require("net").createServer().listen({port}, "::1")'))
  expect(target.host).toBe('::1')
})

test('startTarget() of a command that exits at once shows how, and its stderr', async () => {
  const command = 'echo Traceback >&2; echo "  no module" >&2; exit 3'
  await expect(start(command)).rejects.toMatchObject({
    code: 'SERVER_START_FAILED',
    message: `Cannot start the server ${JSON.stringify(command)}: it exited with code 3; its stderr ends with:\n  Traceback\n    no module`,
  })
})

test('startTarget() of a command that a signal ends names the signal', async () => {
  await expect(start('kill -KILL $$')).rejects.toThrow(
    'it was ended by SIGKILL, with nothing on stderr',
  )
})

test('startTarget() of a command that does not exist shows what the shell says', async () => {
  await expect(start('no-such-command-anywhere {port}')).rejects.toThrow(
    /it exited with code 127; its stderr ends with:\n.*not found/,
  )
})

test('startTarget() of a command in a directory that does not exist names it', async () => {
  const setting = {
    kind: 'command',
    command: 'true',
    readyTimeoutMs: 1_000,
    env: {},
    cwd: '/no/such',
  } as const
  await expect(startTarget(setting)).rejects.toMatchObject({
    code: 'SERVER_START_FAILED',
    message: expect.stringContaining('Cannot start the server in /no/such: '),
  })
})

test('startTarget() of a command that never listens ends it and shows its stderr', async () => {
  const failure = start('echo "group $$" >&2; sleep 60 & sleep 60', { readyTimeoutMs: 150 })
  await expect(failure).rejects.toMatchObject({
    code: 'SERVER_START_FAILED',
    message: expect.stringMatching(
      /nothing accepts connections at 127\.0\.0\.1:\d+ \(the command mentions neither \{port} nor \$MAMAMIA_PORT\) after 150 ms; its stderr ends with:\n {2}group \d+$/,
    ),
  })
  const [, group] = /group (\d+)/.exec(String(await failure.catch(String))) ?? []
  expect(runningMembers(Number(group))).toBe(0)
})

test('startTarget() of a command gives up when its signal aborts, and ends it', async () => {
  const abort = new AbortController()
  const target = start('exec sleep 60.0625', { signal: abort.signal })
  const sleepers = () => {
    return listProc('').filter(pid => readProc(`${pid}/cmdline`) === 'sleep\0' + '60.0625\0')
  }
  await expect.poll(sleepers).toHaveLength(1)
  abort.abort(new Error('enough'))
  await expect(target).rejects.toThrow('enough')
  expect(sleepers()).toEqual([])
})

test('startTarget() starts nothing when its signal has aborted before', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(start(LISTEN, { signal })).rejects.toThrow('enough')
})

test('untilCommandAccepts() is not fooled by a stranger on the port', async () => {
  await using stranger = createServer(socket => socket.resume())
  const port = await findFreePort()
  await once(stranger.listen(port, '127.0.0.1'), 'listening')
  const command = 'echo "address in use" >&2; exit 1'

  const server = await startServerProcess(['/bin/sh', '-c', command], {
    clock: systemClock,
    env: process.env,
  })
  const setting = { kind: 'command', command, readyTimeoutMs: 5_000, env: {} } as const
  await expect(untilCommandAccepts(server, { setting, port, clock: systemClock })).rejects.toThrow(
    /exited with code 1; its stderr ends with:\n {2}address in use/,
  )
})

test('Target.exited tells of a server that ends by itself, and ends what it leaves behind', async () => {
  await using target = await start(`sleep 60 & echo tired >&2; ${LISTEN}; exit 7`)
  expect(runningMembers(target.pid)).toBe(3)
  const server = membersOf(target.pid ?? 0).at(-1)
  expect.assert(server !== undefined)
  process.kill(server.pid, 'SIGKILL')

  const exit = await target.exited
  expect(exit).toMatchObject({ kind: 'code', code: 7, stderr: expect.arrayContaining(['tired']) })
  expect(serverExitedError(exit)).toMatchObject({
    code: 'SERVER_EXITED',
    message: expect.stringContaining('Cannot go on without the server: it exited with code 7;'),
  })
  await expect.poll(() => runningMembers(target.pid)).toBe(0)
})

test('Target.exited does not wait for a process that left the group with its stderr', async () => {
  await using target = await start(`setsid sleep 3 & exec ${LISTEN}`)
  process.kill(target.pid ?? 0, 'SIGKILL')
  expect(await target.exited).toMatchObject({ kind: 'signal', signal: 'SIGKILL' })
})

test('Target[Symbol.asyncDispose]() stops the whole group, also a stopped one, and twice', async () => {
  const target = await start(`sleep 60 & (sleep 60; true) & exec ${LISTEN}`)
  expect(runningMembers(target.pid)).toBeGreaterThanOrEqual(3)
  process.kill(target.pid ?? 0, 'SIGSTOP')
  let isExitTold = false
  void target.exited.then(() => {
    isExitTold = true
  })

  await Promise.all([target[Symbol.asyncDispose](), target[Symbol.asyncDispose]()])
  expect(runningMembers(target.pid)).toBe(0)
  await target[Symbol.asyncDispose]()
  expect(isExitTold).toBe(false)
})

test('Target[Symbol.asyncDispose]() kills after 5 s what ignores SIGTERM, grandchildren too', async () => {
  const target = await start(`trap "" TERM; (sleep 60; true) & ${LISTEN}; true`, {
    clock: hurriedClock,
  })
  expect(runningMembers(target.pid)).toBe(4)
  await target[Symbol.asyncDispose]()
  expect(runningMembers(target.pid)).toBe(0)
})
