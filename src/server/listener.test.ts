import { test as base, describe, expect } from 'vitest'
import { systemClock } from '../clock.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { RawClient } from '../testing/raw-client.ts'
import { brokerWith, frameOf } from '../testing/session-peer.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from '../wire/frame.ts'
import type { Broker } from './broker.ts'
import { type Listener, listen } from './listener.ts'

const CONSUMER = { log_id: 'log', group_id: 'group', client_id: 'anna' }
const PRODUCE_ONE = frameOf(PRODUCE, { log_id: 'log', payload: 1 })

const test = base.extend('open', async ({}, { onCleanup }) => {
  const opened: AsyncDisposable[] = []
  onCleanup(async () => {
    for (const resource of opened.reverse()) await resource[Symbol.asyncDispose]()
  })
  return {
    listener: async (broker: Broker, clock = systemClock): Promise<Listener> => {
      const listener = await listen(broker, { host: '127.0.0.1', port: 0, clock })
      opened.push(listener)
      return listener
    },
    client: async (listener: Listener): Promise<RawClient> => {
      const client = await RawClient.open(listener)
      opened.push(client)
      return client
    },
  }
})

describe('listen()', () => {
  test('serves clients on a free port', async ({ open }) => {
    const listener = await open.listener(brokerWith({}))
    const client = await open.client(listener)
    client.send(PRODUCE_ONE)
    await expect.poll(() => client.answers).toEqual([{ command: PRODUCE, body: { message_id: 0 } }])
    expect(listener).toMatchObject({ host: '127.0.0.1', connections: 1 })
  })

  test('throws SERVER_START_FAILED naming a port in use', async ({ open }) => {
    const { port } = await open.listener(brokerWith({}))
    await expect(
      listen(brokerWith({}), { host: '127.0.0.1', port, clock: systemClock }),
    ).rejects.toMatchObject({
      code: 'SERVER_START_FAILED',
      message: `Cannot listen on 127.0.0.1:${port}: the port is in use`,
    })
  })

  test('throws SERVER_START_FAILED for a host that is not ours', async () => {
    await expect(
      listen(brokerWith({}), { host: '192.0.2.1', port: 0, clock: systemClock }),
    ).rejects.toMatchObject({
      code: 'SERVER_START_FAILED',
      message: expect.stringContaining('Cannot listen on 192.0.2.1:0: '),
    })
  })

  test('drops a connection over connectionsMax and serves the others on', async ({ open }) => {
    const listener = await open.listener(brokerWith({ connectionsMax: 1 }))
    const first = await open.client(listener)
    first.send(PRODUCE_ONE)
    await expect.poll(() => first.answers).toHaveLength(1)
    const second = await open.client(listener)
    second.send(PRODUCE_ONE)
    second.socket.end()
    await second.closed
    expect(second.answers).toEqual([])
    first.send(PRODUCE_ONE)
    await expect.poll(() => first.answers).toHaveLength(2)
  })

  test('answers what a client asked before it ended its side', async ({ open }) => {
    const client = await open.client(await open.listener(brokerWith({})))
    client.send(Buffer.concat([PRODUCE_ONE, PRODUCE_ONE]))
    client.socket.end()
    await client.closed
    expect(client.answers).toHaveLength(2)
  })

  test('closes a connection after a broken frame, with the error answer', async ({ open }) => {
    const client = await open.client(await open.listener(brokerWith({})))
    client.send(Buffer.concat([PRODUCE_ONE, Buffer.from('000000020103', 'hex')]))
    client.socket.once('end', () => client.socket.end())
    await client.closed
    expect(client.answers).toEqual([
      { command: PRODUCE, body: { message_id: 0 } },
      { command: SETTLE, body: { error: 'Cannot read a frame of 2 bytes: the least is 3' } },
    ])
  })

  test('drops a client that stays after its broken frame, a second later', async ({ open }) => {
    const clock = new ManualClock()
    const listener = await open.listener(brokerWith({}), clock)
    const client = await open.client(listener)
    client.send(Buffer.from('000000020103', 'hex'))
    await expect.poll(() => client.answers).toHaveLength(1)
    expect(listener.connections).toBe(1)
    clock.advance(1000)
    await expect.poll(() => listener.connections).toBe(0)
    expect(clock.pendingTimers).toBe(0)
  })

  test('stops reading from a client that takes no answers, and goes on when it does', async ({
    open,
  }) => {
    const messages = 64
    const broker = brokerWith({ unreadBytesMax: 1024 * 1024 })
    const listener = await open.listener(broker)
    const writer = await open.client(listener)
    const payload = 'x'.repeat(1024 * 1024)
    for (let id = 0; id < messages; id += 1) {
      writer.send(frameOf(PRODUCE, { log_id: 'log', payload }))
    }
    await expect.poll(() => writer.answers, { timeout: 10_000 }).toHaveLength(messages)

    const client = await open.client(listener)
    client.socket.pause()
    client.send(
      Buffer.concat(Array.from({ length: messages }, () => frameOf(ACQUIRE_NEXT, CONSUMER))),
    )
    const leased = () => broker.counters(systemClock.nowNs()).logs.log?.groups.group?.leased ?? 0
    await expect.poll(leased).toBeGreaterThan(0)
    // All that arrived before these was served before these.
    for (let round = 1; round <= 20; round += 1) {
      writer.send(frameOf(9, {}))
      await expect.poll(() => writer.answers.length, { interval: 1 }).toBe(messages + round)
    }
    // The system's own buffers take a few MiB of a connection.
    expect(leased()).toBeLessThan(24)

    client.socket.resume()
    await expect.poll(() => client.answers.length, { timeout: 10_000 }).toBe(messages)
    expect(leased()).toBe(messages)
  })
})

test('a limit of unread bytes below what a socket buffers holds nothing up', async ({ open }) => {
  const listener = await open.listener(brokerWith({ unreadBytesMax: 1 }))
  const client = await open.client(listener)
  client.send(Buffer.concat(Array.from({ length: 1000 }, () => PRODUCE_ONE)))
  await expect.poll(() => client.answers.length).toBe(1000)
})

describe('a disposed Listener', () => {
  test('has closed its port and its connections, and may be disposed again', async ({ open }) => {
    const clock = new ManualClock()
    const listener = await open.listener(brokerWith({}), clock)
    const client = await open.client(listener)
    client.socket.once('end', () => client.socket.end())
    client.send(PRODUCE_ONE)
    await expect.poll(() => client.answers).toHaveLength(1)

    await listener[Symbol.asyncDispose]()
    await client.closed
    expect(clock.pendingTimers).toBe(0)
    await listener[Symbol.asyncDispose]()
    await expect(RawClient.open(listener)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('waits a second at most for clients that stay', async ({ open }) => {
    const clock = new ManualClock()
    const listener = await open.listener(brokerWith({}), clock)
    const client = await open.client(listener)
    client.send(PRODUCE_ONE)
    await expect.poll(() => client.answers).toHaveLength(1)

    const disposed = listener[Symbol.asyncDispose]()
    expect(clock.pendingTimers).toBe(1)
    clock.advance(1000)
    await disposed
    await expect.poll(() => listener.connections).toBe(0)
  })
})
