import { describe, expect, test } from 'vitest'
import { BenchError } from '../errors.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { MemoryTransport } from '../testing/memory-transport.ts'
import { frameOf, rawFrame } from '../testing/session-peer.ts'
import { ACQUIRE_NEXT, type Command, PRODUCE, SETTLE } from '../wire/frame.ts'
import { Connection } from './connection.ts'

const TIMEOUT_MS = 1000

describe('Connection', () => {
  test('matches answers first in, first out, in one batch for each read', () => {
    const { connection, transport, clock, seen } = open()
    transport.accept()
    ask(connection, PRODUCE)
    clock.advance(5)
    ask(connection, ACQUIRE_NEXT, SETTLE)
    clock.advance(5)
    transport.receive(Buffer.concat([PRODUCED, EMPTY]))
    transport.receive(SETTLED)

    expect(seen).toEqual([
      'opened',
      'batch at 10 ms',
      'produced of 1, sent at 0 ms',
      'empty of 2, sent at 5 ms',
      'batch ended',
      'batch at 10 ms',
      'settled of 3, sent at 5 ms',
      'batch ended',
    ])
    expect(connection.openRequests).toBe(0)
  })

  test('makes one batch of a read that ends in the middle of an answer', () => {
    const { connection, transport, seen } = open()
    transport.accept()
    ask(connection, PRODUCE)
    transport.receive(PRODUCED.subarray(0, 7))
    transport.receive(PRODUCED.subarray(7))
    expect(seen.slice(1)).toEqual([
      'batch at 0 ms',
      'batch ended',
      'batch at 0 ms',
      'produced of 1, sent at 0 ms',
      'batch ended',
    ])
  })

  test('sends what was begun in one write for each flush, in order', () => {
    const { connection, transport } = open()
    transport.accept()
    connection.flush()
    expect(transport.writes).toEqual([])
    ask(connection, PRODUCE, SETTLE, ACQUIRE_NEXT)
    connection.flush()
    expect(transport.writes.map(commandsOf)).toEqual([[PRODUCE, SETTLE, ACQUIRE_NEXT]])
  })

  test('keeps its requests apart from those of others that begin before it flushes', () => {
    const [one, other, third] = [open(), open(), open()]
    for (const { transport } of [one, other, third]) transport.accept()
    for (let round = 0; round < 3; round += 1) {
      one.connection.begin(PRODUCE).raw(frameOf(PRODUCE, {}))
      other.connection.begin(SETTLE).raw(frameOf(SETTLE, {}))
      one.connection.begin(ACQUIRE_NEXT).raw(frameOf(ACQUIRE_NEXT, {}))
      other.connection.flush()
      one.connection.flush()
    }
    third.connection.begin(PRODUCE).raw(frameOf(PRODUCE, {}))
    third.connection.close()
    ask(other.connection, PRODUCE)

    const rounds = [1, 2, 3]
    expect(one.transport.writes.map(commandsOf)).toEqual(rounds.map(() => [PRODUCE, ACQUIRE_NEXT]))
    expect(other.transport.writes.map(commandsOf)).toEqual([
      ...rounds.map(() => [SETTLE]),
      [PRODUCE],
    ])
    expect(third.transport.writes).toEqual([])
  })

  test('keeps what was begun before it is open, and sends it then', () => {
    const { connection, transport, clock } = open()
    ask(connection, PRODUCE)
    clock.advance(10_000)
    expect(transport.writes).toEqual([])
    transport.accept()
    expect(transport.writes.map(commandsOf)).toEqual([[PRODUCE]])
    transport.receive(PRODUCED)
    expect(connection.openRequests).toBe(0)
  })

  test('sends what an answer made it begin with the next flush', () => {
    const events: string[] = []
    const { connection, transport } = open({
      answered() {
        events.push('answered')
        if (events.length < 4) ask(connection, PRODUCE)
      },
    })
    transport.accept()
    ask(connection, PRODUCE)
    for (let round = 0; round < 4; round += 1) transport.receive(PRODUCED)
    expect(events).toHaveLength(4)
    expect(transport.writes).toHaveLength(4)
  })

  test.each<[name: string, answer: Buffer, code: string, message: string]>([
    [
      'an answer of another command',
      frameOf(SETTLE, { status: 'settled' }),
      'ANSWER_INVALID',
      'Cannot match an answer to SETTLE: the oldest open request is PRODUCE',
    ],
    ['another answer', frameOf(PRODUCE, {}), 'ANSWER_INVALID', 'it has none of the keys of one'],
    ['a body that is no map', rawFrame(PRODUCE, Buffer.of(1)), 'MESSAGEPACK_INVALID', 'a map was'],
    ['half a value', rawFrame(PRODUCE, Buffer.of(0x81)), 'MESSAGEPACK_INVALID', 'it ends in'],
    ['a broken frame', Buffer.from('HTTP/1.1 400 Bad Request'), 'FRAME_TOO_LARGE', 'the limit is'],
  ])('closes with %s', (_name, answer, code, message) => {
    const { connection, transport, seen } = open()
    transport.accept()
    ask(connection, PRODUCE)
    transport.receive(answer)
    expect(seen.at(-1)).toMatch(`closed with 1 open: ${code}: `)
    expect(seen.at(-1)).toContain(message)
    expect(transport.isClosed).toBe(true)
    expect(connection.isClosed).toBe(true)
  })

  test('closes with an answer that nothing was asked for, also while a request waits', () => {
    const { connection, transport, seen } = open()
    transport.accept()
    connection.begin(PRODUCE).raw(frameOf(PRODUCE, {}))
    transport.receive(PRODUCED)
    expect(seen.at(-1)).toBe(
      'closed with 1 open: ANSWER_INVALID: Cannot match an answer to PRODUCE: no request is open',
    )
  })

  test('closes once the oldest request has waited for the timeout, naming its command', () => {
    const { connection, transport, clock, seen } = open()
    transport.accept()
    ask(connection, PRODUCE)
    clock.advance(600)
    ask(connection, SETTLE)
    clock.advance(300)
    transport.receive(PRODUCED)
    clock.advance(699)
    expect(connection.isClosed).toBe(false)
    clock.advance(1)
    expect(seen.at(-1)).toBe(
      'closed with 1 open: REQUEST_TIMEOUT: No answer to SETTLE within 1000 ms',
    )
    expect(transport.isClosed).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  test('has no timeout while nothing is open, and a new one for the next request', () => {
    const { connection, transport, clock } = open()
    transport.accept()
    ask(connection, PRODUCE)
    transport.receive(PRODUCED)
    clock.advance(100 * TIMEOUT_MS)
    expect(clock.pendingTimers).toBe(0)
    ask(connection, PRODUCE)
    clock.advance(TIMEOUT_MS - 1)
    expect(connection.isClosed).toBe(false)
    clock.advance(1)
    expect(connection.isClosed).toBe(true)
  })

  test('never asks the clock for longer than platform timers can wait', () => {
    const delays: number[] = []
    const clock = new ManualClock()
    const setTimer = clock.setTimer.bind(clock)
    clock.setTimer = (callback, delayMs) => {
      delays.push(delayMs)
      return setTimer(callback, delayMs)
    }
    const { connection, transport } = open(
      {},
      { clock, requestTimeoutMs: Number.POSITIVE_INFINITY },
    )
    transport.accept()
    ask(connection, PRODUCE)
    clock.advance(2 ** 31)
    expect(delays).toEqual([2 ** 31 - 1, 2 ** 31 - 1])
    expect(connection.isClosed).toBe(false)
  })

  test('refuses one request over openRequestsMax, and takes it after an answer', () => {
    const { connection, transport } = open({}, { openRequestsMax: 2 })
    transport.accept()
    for (let round = 0; round < 5; round += 1) {
      while (connection.openRequests < 2) ask(connection, PRODUCE)
      expect(() => connection.begin(SETTLE)).toThrow(
        expect.objectContaining({
          code: 'LIMIT_EXCEEDED',
          message: 'Cannot send SETTLE: 2 requests are open, which is the limit',
        }),
      )
      transport.receive(PRODUCED)
    }
    expect(connection.openRequests).toBe(1)
  })

  test('reports how many requests were open when the server ends the connection', () => {
    const { connection, transport, seen } = open()
    transport.accept()
    ask(connection, PRODUCE, PRODUCE)
    transport.receive(PRODUCED)
    transport.end()
    expect(seen.at(-1)).toBe(
      'closed with 1 open: CONNECTION_CLOSED: The server closed the connection with 1 open requests',
    )
    expect(() => connection.begin(PRODUCE)).toThrow(
      expect.objectContaining({ code: 'CONNECTION_CLOSED' }),
    )
  })

  test('reports why it could not be opened, and sends nothing', () => {
    const { connection, transport, seen } = open()
    ask(connection, PRODUCE)
    transport.end(new BenchError('CONNECTION_FAILED', 'refused'))
    expect(seen).toEqual(['closed with 1 open: CONNECTION_FAILED: refused'])
    expect(transport.writes).toEqual([])
  })

  test('has no event after close(), which may come twice and within an event', () => {
    const { connection, transport, clock, seen } = open({
      answered: () => connection.close(),
    })
    transport.accept()
    ask(connection, PRODUCE, PRODUCE)
    transport.receive(Buffer.concat([PRODUCED, PRODUCED]))
    connection.close()
    transport.receive(PRODUCED)
    transport.end()
    clock.advance(10 * TIMEOUT_MS)
    expect(seen).toEqual(['opened', 'batch at 0 ms'])
    expect(transport.isClosed).toBe(true)
  })
})

const PRODUCED = frameOf(PRODUCE, { message_id: 1 })
const EMPTY = frameOf(ACQUIRE_NEXT, { message: null })
const SETTLED = frameOf(SETTLE, { status: 'settled' })

function open(
  handlers: { answered?: () => void } = {},
  options: { clock?: ManualClock; requestTimeoutMs?: number; openRequestsMax?: number } = {},
) {
  const memory = new MemoryTransport()
  const clock = options.clock ?? new ManualClock()
  const seen: string[] = []
  const { requestTimeoutMs = TIMEOUT_MS, openRequestsMax = 10 } = options
  const connection = new Connection(
    { open: memory.open, clock, requestTimeoutMs, openRequestsMax },
    {
      opened: () => seen.push('opened'),
      batchStarted: nowNs => seen.push(`batch at ${nowNs / 1e6} ms`),
      answered(command, answer, _bytes, sentNs) {
        if (handlers.answered !== undefined) return handlers.answered()
        seen.push(`${answer.kind} of ${command}, sent at ${sentNs / 1e6} ms`)
      },
      batchEnded: () => seen.push('batch ended'),
      closed: (error, open) =>
        seen.push(`closed with ${open} open: ${error.code}: ${error.message}`),
    },
  )
  return { connection, transport: memory.last, clock, seen }
}

function ask(connection: Connection, ...commands: Command[]): void {
  for (const command of commands) connection.begin(command).raw(frameOf(command, {}))
  connection.flush()
}

function commandsOf(bytes: Buffer): number[] {
  const commands: number[] = []
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    commands.push(bytes[at + 5] ?? 0)
  }
  return commands
}
