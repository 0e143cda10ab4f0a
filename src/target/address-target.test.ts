import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../clock.ts'
import { startTarget } from './start-target.ts'
import { findFreePort } from './tcp-port.ts'

/** Real time, twenty times as fast: for limits that nobody wants to sit out. */
const hurriedClock: Clock = {
  nowNs: () => systemClock.nowNs() * 20,
  setTimer: (callback, delayMs) => systemClock.setTimer(callback, delayMs / 20),
  nextTurn: callback => systemClock.nextTurn(callback),
}

test('startTarget() of an address connects, and leaves the server alone when disposed', async () => {
  await using server = createServer(socket => socket.resume())
  const port = await findFreePort()
  await once(server.listen(port, '127.0.0.1'), 'listening')

  const target = await startTarget({ kind: 'address', host: 'localhost', port })
  expect(target).toMatchObject({ kind: 'address', host: 'localhost', port, pid: undefined })
  expect(await target.stats()).toBeUndefined()
  expect(await target.usage()).toBeUndefined()
  await target[Symbol.asyncDispose]()
  await target[Symbol.asyncDispose]()
  expect(server.listening).toBe(true)
})

test('startTarget() of an address where nobody listens names the address', async () => {
  const port = await findFreePort()
  await expect(startTarget({ kind: 'address', host: 'localhost', port })).rejects.toMatchObject({
    code: 'SERVER_UNREACHABLE',
    message: `Cannot reach the server at localhost:${port}: connection refused`,
  })
})

test('startTarget() of an address without a host of that name names the address', async () => {
  const address = { kind: 'address', host: 'no-such-host.invalid', port: 9000 } as const
  await expect(startTarget(address)).rejects.toMatchObject({
    code: 'SERVER_UNREACHABLE',
    message: expect.stringMatching(
      /^Cannot reach the server at no-such-host\.invalid:9000: (the host name|the name service|no answer)/,
    ),
  })
})

test('startTarget() of an address that swallows connections gives up after 5 s', async () => {
  // A server that does not accept, with its queue filled: further connections get no answer.
  await using silent = await startTarget({
    kind: 'command',
    command: `exec '${process.execPath}' -e 'require("net").createServer(socket => socket.end()).listen({ port: {port}, host: "127.0.0.1", backlog: 1 })'`,
    readyTimeoutMs: 5_000,
    env: {},
  })
  const { host, port, pid } = silent
  expect.assert(pid !== undefined)
  // Connections are accepted in turn: once this one is, none waits that would take room below.
  await once(connect({ host, port }).resume(), 'close')
  process.kill(pid, 'SIGSTOP')
  const queued: readonly Socket[] = Array.from({ length: 8 }, () => {
    return connect({ host, port }).on('error', () => {})
  })
  await expect
    .poll(() => queued.filter(socket => !socket.connecting).length, { timeout: 10_000 })
    .toBeGreaterThan(1)

  await expect(
    startTarget({ kind: 'address', host, port }, { clock: hurriedClock }),
  ).rejects.toMatchObject({
    code: 'SERVER_UNREACHABLE',
    message: `Cannot reach the server at 127.0.0.1:${port}: no answer within 5000 ms`,
  })
  for (const socket of queued) socket.destroy()
})
