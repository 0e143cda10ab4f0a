import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { NS_PER_MS, systemClock } from '../clock.ts'
import { startTarget } from '../target/start-target.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from '../wire/frame.ts'
import { RawClient } from './raw-client.ts'
import { frameOf } from './session-peer.ts'
import { HELD_BYTES_MAX } from './shaping/shaped-listener.ts'
import { exchange, SHAPED_SERVER_ENTRY, startShapedServer } from './shaping/shaped-process.ts'

const CONSUMER = { log_id: 'log', group_id: 'group', client_id: 'client' }
const ACQUIRE = frameOf(ACQUIRE_NEXT, CONSUMER)

function produce(payload: unknown): Buffer {
  return frameOf(PRODUCE, { log_id: 'log', payload })
}

function settle(messageId: number): Buffer {
  return frameOf(SETTLE, { ...CONSUMER, message_id: messageId, success: true })
}

function count(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}

describe('shaped-server', () => {
  test('answers pipelined requests right and in order, whatever their delays', async () => {
    const delays = ['--produce-delay-ms', '4', '--settle-delay-ms', '2.5']
    await using server = await startShapedServer(...delays)
    await using client = await RawClient.open(server)
    const requests = count(500).flatMap(id => [produce({ number: id }), ACQUIRE, settle(id)])
    await exchange(client, requests)

    const message = (id: number) => ({ id, log_id: 'log', payload: { number: id }, metadata: null })
    expect(client.answers).toEqual(
      count(500).flatMap(id => [
        { command: PRODUCE, body: { message_id: id } },
        { command: ACQUIRE_NEXT, body: { message: message(id) } },
        { command: SETTLE, body: { status: 'settled' } },
      ]),
    )
  })

  test('answers connections apart: the delay of one is not the delay of another', async () => {
    await using server = await startShapedServer('--produce-delay-ms', '60000')
    await using waiting = await RawClient.open(server)
    await using other = await RawClient.open(server)
    waiting.send(Buffer.concat([produce(1), ACQUIRE]))
    await exchange(other, [ACQUIRE])
    expect(other.answers).toEqual([{ command: ACQUIRE_NEXT, body: { message: null } }])
    expect(waiting.answers).toEqual([])
  })

  test('loses nothing across a pause', async () => {
    await using server = await startShapedServer('--pause-at-ms', '20', '--pause-ms', '100')
    const produceUntilPaused = async (logId: string) => {
      await using client = await RawClient.open(server)
      const frames = Array(20).fill(frameOf(PRODUCE, { log_id: logId, payload: 1 }))
      let sent = 0
      for (; server.pause() === undefined; sent += 20) await exchange(client, frames)
      expect(client.answers).toEqual(
        count(sent).map(id => ({ command: PRODUCE, body: { message_id: id } })),
      )
    }
    await Promise.all(['one', 'two', 'three'].map(produceUntilPaused))
  })

  test('stops reading above the limit of what waits, and answers all the same', async () => {
    await using server = await startShapedServer('--produce-delay-ms', '100')
    await using client = await RawClient.open(server)
    const frame = produce(Buffer.alloc(1024 ** 2))
    const frames = Math.ceil((2.5 * HELD_BYTES_MAX) / frame.length)
    const sentNs = systemClock.nowNs()
    const receivedNs = await exchange(client, Array(frames).fill(frame))
    expect(client.answers.map(answer => answer.body)).toEqual(
      count(frames).map(id => ({ message_id: id })),
    )
    // The third part is read only when some of the second is answered, and that after the first.
    expect((receivedNs.at(-1) ?? 0) - sentNs).toBeGreaterThan(300 * NS_PER_MS)
  })

  test('answers a client that has ended its side, and then ends its own', async () => {
    await using server = await startShapedServer('--settle-delay-ms', '20')
    await using client = await RawClient.open(server)
    client.send(settle(0))
    client.socket.end()
    await client.closed
    expect(client.answers).toHaveLength(1)
  })

  test('refuses a broken frame as the real server does, after the answers before it', async () => {
    await using server = await startShapedServer('--settle-delay-ms', '20')
    await using client = await RawClient.open(server)
    client.send(Buffer.concat([settle(0), Buffer.of(0, 0, 0, 9, 2, PRODUCE)]))
    await once(client.socket, 'end')
    expect(client.answers).toEqual([
      { command: SETTLE, body: { error: expect.any(String) } },
      { command: PRODUCE, body: { error: expect.stringContaining('version 2') } },
    ])
  })

  test('can be the command of a suite, and ends with SIGTERM in the middle of a pause', async () => {
    const options = '--port {port} --pause-at-ms 0 --pause-ms 60000'
    const target = await startTarget({
      kind: 'command',
      command: `'${process.execPath}' '${SHAPED_SERVER_ENTRY}' ${options}`,
      readyTimeoutMs: 10_000,
      env: {},
    })
    await using client = await RawClient.open(target)
    // In one chunk: the answer to the first leaves, and then the pause begins.
    client.send(Buffer.concat([ACQUIRE, produce(1)]))
    await once(client.socket, 'data')
    const startedNs = systemClock.nowNs()
    await target[Symbol.asyncDispose]()
    // Sooner than SIGKILL, which a target sends after 5 s.
    expect(systemClock.nowNs() - startedNs).toBeLessThan(4_000 * NS_PER_MS)
    expect(client.answers).toHaveLength(1)
  })

  test.each([
    [['--settle-delay-ms', '-1'], 'settle-delay-ms'],
    [['--rate', '0'], 'Cannot use --rate 0: it must be'],
    [['--rate', 'fast'], 'Cannot use --rate fast'],
    [['--pause-ms', '5'], 'Cannot use one of --pause-at-ms and --pause-ms without the other'],
    [['--delay', '5'], "Unknown option '--delay'"],
  ])('exits with 2 for the options %o', async (args, message) => {
    const child = spawn(process.execPath, [SHAPED_SERVER_ENTRY, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})
