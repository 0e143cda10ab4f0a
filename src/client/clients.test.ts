import { test as base, describe, expect } from 'vitest'
import { Consumer, Producer } from '../client.ts'
import { systemClock } from '../clock.ts'
import type { Broker } from '../server/broker.ts'
import { type Listener, listen } from '../server/listener.ts'
import { scriptedServer } from '../testing/scripted-server.ts'
import { brokerWith } from '../testing/session-peer.ts'

const LOG = { logId: 'log' }
const GROUP = { ...LOG, groupId: 'group' }

const test = base.extend('serve', async ({}, { onCleanup }) => {
  const opened: AsyncDisposable[] = []
  onCleanup(async () => {
    for (const listener of opened) await listener[Symbol.asyncDispose]()
  })
  return async (broker: Broker = brokerWith({}), port = 0): Promise<Listener> => {
    const listener = await listen(broker, { host: '127.0.0.1', port, clock: systemClock })
    opened.push(listener)
    return listener
  }
})

describe('Producer and Consumer', () => {
  test('send, lease and settle', async ({ serve }) => {
    const broker = brokerWith({})
    const addr = await serve(broker)
    await using producer = new Producer({ addr, ...LOG })
    await using consumer = new Consumer({ addr, ...GROUP })

    expect(await consumer.acquireNext()).toBeNull()
    expect(await producer.send({ data: 'first' }, { ts: 1.5 })).toBe(0)
    expect(await producer.send(['second', 2n ** 60n])).toBe(1)
    expect(await consumer.acquireNext()).toEqual({
      id: 0,
      payload: { data: 'first' },
      metadata: { ts: 1.5 },
    })
    expect(await consumer.acquireNext()).toEqual({
      id: 1,
      payload: ['second', 2n ** 60n],
      metadata: null,
    })
    await consumer.settle(0)
    await consumer.settle(1, false)
    expect(await consumer.acquireNext()).toMatchObject({ id: 1 })
    expect(broker.counters(systemClock.nowNs()).logs.log?.groups.group).toMatchObject({
      leased: 1,
      processed: 1,
    })
  })

  test('take an address as text', async ({ serve }) => {
    const { port } = await serve()
    await using producer = new Producer({ addr: `127.0.0.1:${port}`, ...LOG })
    expect(await producer.send('text')).toBe(0)
  })

  test('pipeline: a thousand requests at once come back in order', async ({ serve }) => {
    const addr = await serve()
    await using producer = new Producer({ addr, ...LOG })
    const ids = await Promise.all(Array.from({ length: 1000 }, (_, id) => producer.send(id)))
    expect(ids).toEqual(Array.from({ length: 1000 }, (_, id) => id))

    await using consumer = new Consumer({ addr, ...GROUP })
    const messages = await Promise.all(ids.map(() => consumer.acquireNext()))
    expect(messages.map(message => message?.payload)).toEqual(ids)
    await Promise.all(ids.map(id => consumer.settle(id)))
  })

  test('carry a message of several MiB, and binary data that stays', async ({ serve }) => {
    const addr = await serve()
    await using producer = new Producer({ addr, ...LOG })
    await using consumer = new Consumer({ addr, ...GROUP })
    const binary = new Uint8Array(40_000).map((_, at) => at)
    await producer.send('x'.repeat(8 * 1024 * 1024))
    await producer.send(binary)
    await producer.send(new Uint8Array(40_000))

    expect((await consumer.acquireNext())?.payload).toHaveLength(8 * 1024 * 1024)
    const message = await consumer.acquireNext()
    // The next answer is read into the same buffer.
    await consumer.acquireNext()
    expect(message?.payload).toEqual(binary)
  })

  test('carry 1,024 levels of nesting, and no more', async ({ serve }) => {
    const addr = await serve()
    await using producer = new Producer({ addr, ...LOG })
    await using consumer = new Consumer({ addr, ...GROUP })
    let payload: unknown = 'core'
    for (let level = 0; level < 1024; level += 1)
      payload = level % 2 === 0 ? [payload] : { payload }
    await producer.send(payload)
    const message = await consumer.acquireNext()
    expect(JSON.stringify(message?.payload)).toBe(JSON.stringify(payload))
    await expect(producer.send([payload])).rejects.toMatchObject({ code: 'MESSAGEPACK_INVALID' })
  })

  test('reject with REQUEST_REFUSED what the server refuses, and go on', async ({ serve }) => {
    const addr = await serve()
    await using producer = new Producer({ addr, ...LOG })
    await using consumer = new Consumer({ addr, ...GROUP })
    await using other = new Consumer({ addr, ...GROUP })
    await producer.send(1)
    await consumer.acquireNext()
    await expect(other.settle(0)).rejects.toMatchObject({
      code: 'REQUEST_REFUSED',
      message: 'The server refused SETTLE: Client does not own the lease for this message',
    })
    await consumer.settle(0)
    await expect(producer.send(1, [] as never)).rejects.toMatchObject({ code: 'REQUEST_REFUSED' })
    expect(await producer.send(2)).toBe(1)
  })

  test('reject what cannot be encoded before anything is sent', async ({ serve }) => {
    const broker = brokerWith({})
    const addr = await serve(broker)
    await using producer = new Producer({ addr, ...LOG })
    await using consumer = new Consumer({ addr, ...GROUP })
    const unencodable = { code: 'MESSAGEPACK_INVALID' }
    await expect(producer.send(() => {})).rejects.toMatchObject(unencodable)
    await expect(producer.send(1, { key: Symbol('s') })).rejects.toMatchObject(unencodable)
    await expect(producer.send('x'.repeat(10 * 1024 * 1024))).rejects.toMatchObject({
      code: 'FRAME_TOO_LARGE',
      message: expect.stringContaining('the limit is 10485760'),
    })
    for (const id of [-1, 0.5, Number.NaN, 2 ** 53]) {
      await expect(consumer.settle(id)).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
        message: `Cannot settle message ${id}: an id is an integer from 0 to 2^53 - 1`,
      })
    }
    expect(await producer.send('fits')).toBe(0)
    expect(broker.counters(systemClock.nowNs()).refusals).toEqual({})
  })

  test('are refused with wrong options', () => {
    const addr = 'localhost:9000'
    const invalid = expect.objectContaining({ code: 'REQUEST_INVALID' })
    expect(() => new Producer({ addr, logId: '' })).toThrow(invalid)
    expect(() => new Consumer({ addr, ...GROUP, leaseMs: 0 })).toThrow(invalid)
    expect(() => new Consumer({ addr, ...GROUP, leaseMs: 43_200_001 })).toThrow(invalid)
    const address = expect.objectContaining({ code: 'CONFIG_INVALID' })
    expect(() => new Producer({ addr: 'localhost', ...LOG })).toThrow(address)
    expect(() => new Producer({ addr: { host: 'h', port: 70_000 }, ...LOG })).toThrow(address)
  })

  test('lease for leaseMs, under an id of their own unless one is given', async ({ serve }) => {
    const broker = brokerWith({})
    const addr = await serve(broker)
    await using producer = new Producer({ addr, ...LOG })
    await using first = new Consumer({ addr, ...GROUP, leaseMs: 60_000 })
    await using second = new Consumer({ addr, ...GROUP })
    await using named = new Consumer({ addr, ...GROUP, clientId: 'named' })
    expect(first.clientId).not.toBe(second.clientId)
    expect(named.clientId).toBe('named')
    await producer.send(1)
    const beforeNs = systemClock.nowNs()
    await first.acquireNext()
    const leasedAt = (ms: number) =>
      broker.counters(beforeNs + ms * 1e6).logs.log?.groups.group?.leased
    expect(leasedAt(59_999)).toBe(1)
    expect(leasedAt(120_000)).toBe(0)
  })

  test('connect again after the server has come back on its port', async ({ serve }) => {
    const before = await serve()
    await using producer = new Producer({ addr: before, ...LOG })
    expect(await producer.send('before')).toBe(0)
    await before[Symbol.asyncDispose]()

    await serve(brokerWith({}), before.port)
    expect(await producer.send('after'), 'of a server that has lost everything').toBe(0)
  })

  test('reject with one clear error when nobody listens', async ({ serve }) => {
    const gone = await serve()
    await gone[Symbol.asyncDispose]()
    const { port } = gone
    const addr = `127.0.0.1:${port}`
    await using producer = new Producer({ addr, ...LOG, connectAttemptsMax: 2 })
    await expect(producer.send(1)).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      message: `Cannot connect to ${addr}: connection refused`,
    })
  })

  test('reject what is open at close(), which may come twice', async () => {
    await using silent = await scriptedServer(SILENCE)
    const producer = new Producer({ addr: silent, ...LOG })
    const sent = [producer.send(1), producer.send(2)]
    await expect.poll(() => silent.received()).toContain('log_id')
    producer.close()
    producer.close()
    for (const answer of sent) {
      await expect(answer).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    }
    await expect(producer.send(3)).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  })

  test('reject with REQUEST_TIMEOUT when the server does not answer', async () => {
    await using silent = await scriptedServer(SILENCE)
    await using consumer = new Consumer({ addr: silent, ...GROUP, requestTimeoutMs: 50 })
    await expect(consumer.acquireNext()).rejects.toMatchObject({
      code: 'REQUEST_TIMEOUT',
      message: 'No answer to ACQUIRE_NEXT within 50 ms',
    })
  })
})

test('Producer.send() that loses its connection rejects, and is never sent again', async () => {
  await using server = await scriptedServer(SILENCE)
  await using producer = new Producer({ addr: server, ...LOG })
  const lost = producer.send('once')
  await expect.poll(() => server.received()).toContain('once')
  server.drop()
  await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })

  const next = producer.send('twice')
  await expect.poll(() => server.received()).toContain('twice')
  server.drop()
  await expect(next).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  expect(server.received().match(/once/g)).toHaveLength(1)
  expect(server.received().match(/twice/g)).toHaveLength(1)
})

const SILENCE = () => undefined
