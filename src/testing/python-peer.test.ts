import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { Consumer, Producer } from '../client.ts'
import { systemClock } from '../clock.ts'
import { listen } from '../server/listener.ts'
import { brokerWith } from './session-peer.ts'

// The distribution's Python, which has the distribution's msgpack. CI installs both.
const PYTHON = '/usr/bin/python3'
const PEER = fileURLToPath(new URL('./python-peer.py', import.meta.url))

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

test('a Python client gets from our server what it sent, and every error as an answer', async () => {
  const broker = brokerWith({})
  await using listener = await listen(broker, { host: '127.0.0.1', port: 0, clock: systemClock })
  const { stdout, stderr } = startPeer('client', String(listener.port))
  const [output, errors] = await Promise.all([text(stdout), text(stderr)])
  expect(errors).toBe('')

  const seen = JSON.parse(output) as { ids: number[]; payloads: number }
  expect(seen.ids).toEqual(Array.from({ length: seen.payloads }, (_, id) => id))
  expect(seen).toMatchObject({
    equal: seen.payloads,
    empty: { message: null },
    again: { error: 'Cannot settle the message: it is processed or dead already' },
    unknown: { error: 'Unknown command: 77' },
    broken: { error: 'Cannot read a MessagePack body: a map was expected at byte 6' },
    end: '',
  })
  expect(broker.counters(systemClock.nowNs())).toMatchObject({
    logs: { python: { groups: { g: { pending: 0, leased: 0, processed: seen.payloads } } } },
    refusals: { final: 1, 'unknown-command': 1, 'broken-frame': 1 },
  })
})

test('our clients get from a Python server what they sent', async () => {
  const { stdout } = startPeer('server')
  const [line] = await once(stdout, 'data')
  const addr = { host: '127.0.0.1', port: Number(line) }
  await using producer = new Producer({ addr, logId: 'log' })
  const payloads = [
    null,
    true,
    -1,
    2 ** 40,
    2n ** 63n,
    1.5,
    'ü'.repeat(300),
    Uint8Array.of(0, 255),
    [1, [2]],
    { data: 'bench-0-0' },
    Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`${at}`, at])),
    'x'.repeat(1_000_000),
  ]
  const ids = await Promise.all(payloads.map(payload => producer.send(payload, { ts: 0.5 })))
  expect(ids).toEqual([...payloads.keys()])
  producer.close()

  await using consumer = new Consumer({ addr, logId: 'log', groupId: 'g' })
  for (const [id, payload] of payloads.entries()) {
    expect(await consumer.acquireNext()).toEqual({ id, payload, metadata: { ts: 0.5 } })
    // A failed one comes back.
    await consumer.settle(id, false)
    expect(await consumer.acquireNext()).toMatchObject({ id })
    await consumer.settle(id)
  }
  expect(await consumer.acquireNext()).toBeNull()
  await expect(consumer.settle(3)).rejects.toMatchObject({
    code: 'REQUEST_REFUSED',
    message: 'The server refused SETTLE: Client does not own the lease for this message',
  })
})

function startPeer(...args: string[]) {
  const child = spawn(PYTHON, [PEER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  return child
}
