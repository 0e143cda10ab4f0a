import { duplexPair } from 'node:stream'
import { test as base, expect } from 'vitest'
import type { Clock } from '../clock.ts'
import { StatsChannel } from './stats-channel.ts'

/** A clock whose timers are due when the test says so. */
class ManualTimers implements Clock {
  readonly #callbacks = new Set<() => void>()

  nowNs(): number {
    return 0
  }

  setTimer(callback: () => void) {
    this.#callbacks.add(callback)
    return { cancel: () => void this.#callbacks.delete(callback) }
  }

  nextTurn(callback: () => void) {
    return this.setTimer(callback)
  }

  get count(): number {
    return this.#callbacks.size
  }

  fire(): void {
    for (const callback of this.#callbacks) callback()
    this.#callbacks.clear()
  }
}

const test = base.extend('wire', () => {
  const [ours, server] = duplexPair()
  const timers = new ManualTimers()
  return { channel: new StatsChannel(ours, timers), server, timers }
})

test('StatsChannel.request() matches answers to requests by id, in any order and any pieces', async ({
  wire: { channel, server, timers },
}) => {
  const answers = [channel.request(), channel.request()]
  server.write('{"id":2,"stats":{"pending":"zwö')
  server.write('lf"}}\n{"id":1,"stats"')
  server.write(':{"pending":1}}\n')
  await expect(Promise.all(answers)).resolves.toEqual([{ pending: 1 }, { pending: 'zwölf' }])
  expect(timers.count).toBe(0)
})

test('StatsChannel.request() sends one line of JSON', async ({ wire: { channel, server } }) => {
  channel.request().catch(() => {})
  await expect.poll(() => server.read()?.toString()).toBe('{"id":1,"kind":"stats"}\n')
})

test('StatsChannel.request() gives up after its limit, and survives the late answer', async ({
  wire: { channel, server, timers },
}) => {
  const late = channel.request()
  timers.fire()
  await expect(late).rejects.toMatchObject({
    code: 'REQUEST_TIMEOUT',
    message: 'Cannot read the counters of the server: no answer within 5000 ms',
  })
  const next = channel.request()
  server.write('{"id":1,"stats":"late"}\n{"id":2,"stats":"in time"}\n')
  await expect(next).resolves.toBe('in time')
})

test.for(['no JSON', '[]', 'null', '{"id":"1","stats":{}}', '{"id":1,"error":"no"}'])(
  'StatsChannel.request() refuses the answer %s',
  async (line, { wire: { channel, server } }) => {
    const answer = channel.request()
    server.write(`${line}\n`)
    await expect(answer).rejects.toMatchObject({ code: 'ANSWER_INVALID' })
  },
)

test('StatsChannel.request() fails at once when the server closes the channel', async ({
  wire: { channel, server },
}) => {
  const answer = channel.request()
  server.end()
  await expect(answer).rejects.toMatchObject({ code: 'SERVER_EXITED' })
  expect(() => channel.request()).toThrow('the server closed the channel')
})

test('StatsChannel.request() refuses more than 64 waiting requests', ({ wire: { channel } }) => {
  for (let count = 0; count < StatsChannel.PENDING_MAX; count++) channel.request().catch(() => {})
  expect(() => channel.request()).toThrow('64 requests wait for an answer')
})

test('StatsChannel stops reading an answer without end', async ({ wire: { channel, server } }) => {
  const answer = channel.request()
  const piece = 'x'.repeat(65_536)
  for (let sent = 0; sent <= StatsChannel.LINE_CHARACTERS_MAX; sent += piece.length) {
    server.write(piece)
  }
  await expect(answer).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
})
