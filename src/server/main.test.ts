import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { test as base, describe, expect } from 'vitest'
import { systemClock } from '../clock.ts'
import { RawClient } from '../testing/raw-client.ts'
import { brokerWith, frameOf } from '../testing/session-peer.ts'
import { PRODUCE } from '../wire/frame.ts'
import { listen } from './listener.ts'

/** Containers often have none. */
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

const test = base.extend('start', async ({}, { onCleanup }) => {
  const started: ChildProcess[] = []
  onCleanup(() => {
    for (const child of started) child.kill('SIGKILL')
  })
  return (...args: string[]): Server => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    started.push(child)
    const lines: string[] = []
    expect.assert(child.stdout !== null && child.stderr !== null)
    child.stdout.on('data', chunk => lines.push(String(chunk)))
    return {
      child,
      stdout: () => lines.join(''),
      stderr: text(child.stderr),
      exitCode: once(child, 'exit').then(([code]) => code as number | null),
    }
  }
})

interface Server {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: Promise<string>
  readonly exitCode: Promise<number | null>
}

describe('mamamia-server', () => {
  test('says where it listens, serves, and exits with 0 after SIGTERM', async ({ start }) => {
    const server = start('--port', '0')
    const port = await portOf(server)
    await using client = await RawClient.open({ host: '127.0.0.1', port })
    client.send(frameOf(PRODUCE, { log_id: 'log', payload: 1 }))
    await expect.poll(() => client.answers).toHaveLength(1)

    client.socket.once('end', () => client.socket.end())
    server.child.kill('SIGTERM')
    expect(await server.exitCode).toBe(0)
    expect(server.stdout()).toBe(`listening on 127.0.0.1:${port}\n`)
    expect(await server.stderr).toBe('')
  })

  test('exits with 0 after SIGINT', async ({ start }) => {
    const server = start('--port', '0')
    await portOf(server)
    server.child.kill('SIGINT')
    expect(await server.exitCode).toBe(0)
  })

  test('warns about a host that is not loopback', async ({ start }) => {
    const server = start('--host', '0.0.0.0', '--port', '0')
    await portOf(server)
    server.child.kill('SIGTERM')
    expect(await server.stderr).toBe(
      'mamamia-server: 0.0.0.0 is not a loopback address, and there is no authentication\n',
    )
  })

  test('prints its options with --help and the version with --version', async ({ start }) => {
    const help = start('--help')
    expect(await help.exitCode).toBe(0)
    expect(help.stdout()).toMatch(/^Usage: mamamia-server \[options\]\n/)
    for (const option of ['--host', '--port', '--channel-fd', '--version', '--help']) {
      expect(help.stdout()).toContain(`\n  ${option}`)
    }
    const version = start('--version')
    expect(await version.exitCode).toBe(0)
    expect(version.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test.each([
    [['--prot', '9000'], "Unknown option '--prot'"],
    [['--port', '65536'], 'Cannot use --port 65536: it must be a whole number from 0 to 65535'],
    [['--port', '-1'], '--port'],
    [['--port', '9000x'], 'Cannot use --port 9000x'],
    [['--channel-fd', 'three'], 'Cannot use --channel-fd three'],
    [['9000'], "Unexpected argument '9000'"],
  ])('exits with 2 for the options %o', async (args, message) => {
    // Without the fixture, whose context test.each does not hand on.
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect(stderr).toContain(`mamamia-server: `)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  test('exits with 1 when the port is in use, and says so in one line', async ({ start }) => {
    await using taken = await listen(brokerWith({}), {
      host: '127.0.0.1',
      port: 0,
      clock: systemClock,
    })
    const server = start('--port', String(taken.port))
    expect(await server.exitCode).toBe(1)
    expect(await server.stderr).toBe(
      `mamamia-server: Cannot listen on 127.0.0.1:${taken.port}: the port is in use\n`,
    )
  })

  test('exits with 1 when the channel is no pipe', async ({ start }) => {
    const server = start('--port', '0', '--channel-fd', '77')
    expect(await server.exitCode).toBe(1)
    expect(await server.stderr).toContain('Cannot open a channel on file descriptor 77')
  })

  test('answers requests for counters on its channel', async ({ start }) => {
    const server = start('--port', '0', '--channel-fd', '3')
    const port = await portOf(server)
    await using client = await RawClient.open({ host: '127.0.0.1', port })
    client.send(frameOf(PRODUCE, { log_id: '__proto__', payload: 1 }))
    client.send(frameOf(9, {}))
    await expect.poll(() => client.answers).toHaveLength(2)

    const channel = server.child.stdio[3] as Duplex
    let received = ''
    channel.on('data', chunk => {
      received += String(chunk)
    })
    channel.write('{"id":1,"kind":"stats"}\n{"id":2,"kind":"other"}\nno JSON\n')
    await expect.poll(() => received.split('\n')).toHaveLength(4)
    const [stats = '', unknown = '', broken = ''] = received.split('\n')
    expect(stats).toBe(
      '{"id":1,"stats":{"logs":{"__proto__":{"appended":1,"groups":{}}},"refusals":{"unknown-command":1}}}',
    )
    expect(JSON.parse(unknown)).toMatchObject({ id: 2, error: expect.stringContaining('"other"') })
    expect(JSON.parse(broken)).toEqual({ error: 'Cannot read the request: it is no JSON' })

    channel.destroy()
    client.send(frameOf(9, {}))
    await expect.poll(() => client.answers, { message: 'serves on' }).toHaveLength(3)
  })
})

async function portOf(server: Server): Promise<number> {
  await expect.poll(server.stdout, { timeout: 5000 }).toMatch(/\n/)
  return Number(/:(\d+)\n/.exec(server.stdout())?.[1])
}
