import { describe, expect, test } from 'vitest'
import { BenchError } from '../errors.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { MemoryTransport } from '../testing/memory-transport.ts'
import { frameOf } from '../testing/session-peer.ts'
import { PRODUCE } from '../wire/frame.ts'
import { Link } from './link.ts'

const REFUSED = new BenchError('CONNECTION_FAILED', 'Cannot connect to h:1: connection refused')

describe('Link.request()', () => {
  test('connects with the first request, and only once', async () => {
    const { link, memory } = openLink()
    expect(memory.connections).toHaveLength(0)
    const answers = [produce(link), produce(link)]
    expect(memory.connections).toHaveLength(1)
    memory.last.accept()
    memory.last.receive(produced(4, 5))
    expect(await Promise.all(answers)).toEqual([4, 5])
  })

  test('sends all requests of one turn in one write', async () => {
    const { link, memory } = openLink()
    const first = produce(link)
    memory.last.accept()
    memory.last.receive(produced(0))
    await first
    const answers = [produce(link), produce(link), produce(link)]
    expect(memory.last.writes).toHaveLength(1)
    await Promise.resolve()
    expect(memory.last.writes).toHaveLength(2)
    memory.last.receive(produced(1, 2, 3))
    expect(await Promise.all(answers)).toEqual([1, 2, 3])
  })

  test('rejects with REQUEST_REFUSED what the server refused, and goes on', async () => {
    const { link, memory } = openLink()
    const answers = Promise.allSettled([produce(link), produce(link)])
    memory.last.accept()
    memory.last.receive(Buffer.concat([frameOf(PRODUCE, { error: 'full' }), produced(7)]))
    expect(await answers).toMatchObject([
      { reason: { code: 'REQUEST_REFUSED', message: 'The server refused PRODUCE: full' } },
      { value: 7 },
    ])
  })

  test('rejects one request over openRequestsMax, sent or not', async () => {
    const { link, memory } = openLink({ openRequestsMax: 2 })
    const answers = [produce(link), produce(link)]
    const limit = {
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('2 requests are open'),
    }
    await expect(produce(link)).rejects.toMatchObject(limit)
    memory.last.accept()
    await expect(produce(link)).rejects.toMatchObject(limit)
    memory.last.receive(produced(0, 1))
    expect(await Promise.all(answers)).toEqual([0, 1])
    expect(memory.last.writes).toHaveLength(1)
  })

  test('rejects what cannot be read from an answer, and goes on', async () => {
    const { link, memory } = openLink()
    const failing = link.request(PRODUCE, writeProduce, () => {
      throw new RangeError('not this one')
    })
    const next = produce(link)
    memory.last.accept()
    memory.last.receive(produced(0, 1))
    await expect(failing).rejects.toMatchObject({ code: 'INTERNAL', message: 'not this one' })
    expect(await next).toBe(1)
  })
})

describe('Link, when the connection fails,', () => {
  test('connects again with doubling pauses while nothing was sent', async () => {
    const { link, memory, clock } = openLink({ connectAttemptsMax: 4 })
    const answer = produce(link)
    for (const [index, pauseMs] of [50, 100, 200].entries()) {
      memory.last.end(REFUSED)
      clock.advance(pauseMs - 1)
      expect(memory.connections).toHaveLength(index + 1)
      clock.advance(1)
      expect(memory.connections).toHaveLength(index + 2)
    }
    memory.last.accept()
    memory.last.receive(produced(3))
    expect(await answer).toBe(3)
  })

  test('rejects after connectAttemptsMax, and starts anew with the next request', async () => {
    const { link, memory, clock } = openLink({ connectAttemptsMax: 2 })
    const answers = Promise.allSettled([produce(link), produce(link)])
    memory.last.end(REFUSED)
    clock.advance(50)
    memory.last.end(REFUSED)
    expect(await answers).toEqual([
      { status: 'rejected', reason: REFUSED },
      { status: 'rejected', reason: REFUSED },
    ])
    expect(clock.pendingTimers).toBe(0)
    const next = produce(link)
    expect(memory.connections).toHaveLength(3)
    memory.last.accept()
    memory.last.receive(produced(0))
    expect(await next).toBe(0)
  })

  test('rejects what was sent and never sends it again', async () => {
    const { link, memory } = openLink()
    const answers = Promise.allSettled([produce(link), produce(link)])
    memory.last.accept()
    memory.last.receive(produced(0))
    memory.last.end()
    expect(await answers).toMatchObject([{ value: 0 }, { reason: { code: 'CONNECTION_CLOSED' } }])

    const next = produce(link)
    expect(memory.connections).toHaveLength(2)
    memory.last.accept()
    expect(memory.last.writes).toEqual([frameOf(PRODUCE, {})])
    memory.last.receive(produced(1))
    expect(await next).toBe(1)
  })

  test('connects anew after a connection that was lost while idle', async () => {
    const { link, memory } = openLink()
    const first = produce(link)
    memory.last.accept()
    memory.last.receive(produced(0))
    await first
    memory.last.end()
    expect(memory.connections).toHaveLength(1)
    const second = produce(link)
    memory.last.accept()
    memory.last.receive(produced(1))
    expect(await second).toBe(1)
  })

  test('rejects all that is open when one request times out', async () => {
    const { link, memory, clock } = openLink()
    const answers = Promise.allSettled([produce(link), produce(link)])
    memory.last.accept()
    clock.advance(1000)
    const timeout = { reason: { code: 'REQUEST_TIMEOUT' } }
    expect(await answers).toMatchObject([timeout, timeout])
    expect(memory.last.isClosed).toBe(true)
  })
})

describe('Link.close()', () => {
  test.each(['connecting', 'pausing', 'open'])('rejects what is open while %s', async state => {
    const { link, memory, clock } = openLink()
    const answer = produce(link)
    if (state === 'open') memory.last.accept()
    if (state === 'pausing') memory.last.end(REFUSED)
    link.close()
    link.close()
    await expect(answer).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
      message: 'The client was closed',
    })
    expect(clock.pendingTimers).toBe(0)
    expect(memory.connections).toHaveLength(1)
    await expect(produce(link)).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
      message: 'Cannot send PRODUCE: the client is closed',
    })
  })
})

function openLink(options: { openRequestsMax?: number; connectAttemptsMax?: number } = {}) {
  const memory = new MemoryTransport()
  const clock = new ManualClock()
  const link = new Link({
    open: memory.open,
    clock,
    requestTimeoutMs: 1000,
    openRequestsMax: 10,
    connectAttemptsMax: 3,
    connectPauseMs: 50,
    ...options,
  })
  return { link, memory, clock }
}

function produce(link: Link): Promise<number> {
  return link.request(PRODUCE, writeProduce, answer => answer.messageId)
}

const writeProduce: Parameters<Link['request']>[1] = output => output.raw(frameOf(PRODUCE, {}))

function produced(...ids: number[]): Buffer {
  return Buffer.concat(ids.map(message_id => frameOf(PRODUCE, { message_id })))
}
