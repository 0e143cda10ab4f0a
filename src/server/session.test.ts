import { describe, expect, test } from 'vitest'
import { brokerWith, frameOf, rawFrame, SessionPeer } from '../testing/session-peer.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from '../wire/frame.ts'

const LOG = { log_id: 'log' }
const CONSUMER = { ...LOG, group_id: 'group', client_id: 'anna' }

describe('Session.receive()', () => {
  test('takes a message through its life', () => {
    const peer = new SessionPeer()
    const payload = { data: 'bench-0-0' }
    expect(peer.request(PRODUCE, { ...LOG, payload, metadata: { ts: 1.5 } })).toEqual({
      message_id: 0,
    })
    expect(peer.request(ACQUIRE_NEXT, CONSUMER)).toEqual({
      message: { id: 0, log_id: 'log', payload, metadata: { ts: 1.5 } },
    })
    expect(peer.request(ACQUIRE_NEXT, CONSUMER)).toEqual({ message: null })
    expect(peer.request(SETTLE, { ...CONSUMER, message_id: 0, success: true })).toEqual({
      status: 'settled',
    })
    expect(refusals(peer)).toEqual({})
  })

  test('answers a batch of requests in order and in one write', () => {
    const peer = new SessionPeer()
    const stream = Buffer.concat([
      frameOf(PRODUCE, { ...LOG, payload: 1 }),
      frameOf(9, {}),
      frameOf(ACQUIRE_NEXT, CONSUMER),
      frameOf(SETTLE, { ...CONSUMER, message_id: 0, success: true }),
    ])
    peer.send(stream)
    expect(peer.answers.map(({ command }) => command)).toEqual([PRODUCE, 9, ACQUIRE_NEXT, SETTLE])
    expect(peer.writes).toBe(1)
  })

  test('numbers the messages of each log by itself', () => {
    const peer = new SessionPeer()
    const produce = (log_id: string) => peer.request(PRODUCE, { log_id, payload: log_id })
    expect(['a', 'b', 'a', 'b', 'a'].map(produce)).toEqual(
      [0, 0, 1, 1, 2].map(message_id => ({ message_id })),
    )
  })

  test('tells groups of one name in two logs apart', () => {
    const peer = new SessionPeer()
    for (const log_id of ['a', 'b']) peer.request(PRODUCE, { log_id, payload: log_id })
    for (const log_id of ['a', 'b']) {
      expect(peer.request(ACQUIRE_NEXT, { ...CONSUMER, log_id })).toMatchObject({
        message: { id: 0, log_id, payload: log_id },
      })
    }
  })

  test('gives every group the whole log', () => {
    const peer = new SessionPeer()
    peer.request(PRODUCE, { ...LOG, payload: 1 })
    for (const group_id of ['one', 'two', 'one', 'two']) {
      peer.request(ACQUIRE_NEXT, { ...CONSUMER, group_id })
    }
    const counters = { pending: 0, leased: 1, processed: 0, dead: 0, expired: 0 }
    expect(peer.broker.counters(0).logs).toEqual({
      log: { appended: 1, groups: { one: counters, two: counters } },
    })
  })

  test('serves a lease to whoever acts for its client, on any connection', () => {
    const first = new SessionPeer()
    const second = new SessionPeer(first.broker)
    first.request(PRODUCE, { ...LOG, payload: 1 })
    first.request(ACQUIRE_NEXT, CONSUMER)
    const settle = { ...CONSUMER, message_id: 0, success: true }
    expect(second.request(SETTLE, { ...settle, client_id: 'ben' })).toEqual({
      error: 'Client does not own the lease for this message',
    })
    expect(second.request(SETTLE, settle)).toEqual({ status: 'settled' })
  })

  test('ends a lease after the duration that was asked for', () => {
    const peer = new SessionPeer()
    peer.request(PRODUCE, { ...LOG, payload: 1 })
    peer.request(ACQUIRE_NEXT, { ...CONSUMER, duration: 0.25 })
    peer.nowNs = 249_999_999
    expect(peer.request(ACQUIRE_NEXT, CONSUMER)).toEqual({ message: null })
    peer.nowNs = 250_000_000
    expect(peer.request(ACQUIRE_NEXT, CONSUMER)).toMatchObject({ message: { id: 0 } })
  })

  test.each(['__proto__', 'constructor', 'toString', 'é', '\u0000', 'x'.repeat(255)])(
    'takes %o as an id like any other',
    id => {
      const peer = new SessionPeer()
      const consumer = { log_id: id, group_id: id, client_id: id }
      expect(peer.request(ACQUIRE_NEXT, consumer)).toEqual({ message: null })
      expect(peer.request(PRODUCE, { log_id: id, payload: 1 })).toEqual({ message_id: 0 })
      expect(peer.request(ACQUIRE_NEXT, consumer)).toMatchObject({ message: { log_id: id } })
      const settle = { ...consumer, message_id: 0, success: true }
      expect(peer.request(SETTLE, settle)).toEqual({ status: 'settled' })

      const counters = JSON.parse(JSON.stringify(peer.broker.counters(0))) as object
      const groups = Object.entries(Object.entries(counters)[0]?.[1] as object)
      expect(groups.map(([log]) => log)).toEqual([id])
    },
  )

  test('gives payloads back in the bytes that they came in', () => {
    const peer = new SessionPeer()
    // A map 32 of an unsigned 64 where a fixmap of a fixint would do.
    const payload = Buffer.from('df00000001a16bcf0000000000000005', 'hex')
    const body = Buffer.concat([
      Buffer.from('82a66c6f675f6964a36c6f67a77061796c6f6164', 'hex'),
      payload,
    ])
    let answered: Buffer = Buffer.alloc(0)
    peer.written = bytes => {
      answered = bytes
    }
    peer.send(rawFrame(PRODUCE, body))
    peer.send(frameOf(ACQUIRE_NEXT, CONSUMER))
    expect(answered.includes(payload)).toBe(true)
  })
})

describe('Session refuses, counts and goes on after', () => {
  const settle = { ...CONSUMER, message_id: 0, success: true }

  test.each<[kind: string, command: number, fields: object, text: string]>([
    ['unknown-command', 9, LOG, 'Unknown command: 9'],
    ['unknown-command', 0, { log_id: 5 }, 'Unknown command: 0'],
    ['invalid-request', PRODUCE, LOG, 'Cannot accept the request: payload is missing'],
    ['invalid-request', PRODUCE, { log_id: '', payload: 1 }, 'log_id is empty'],
    ['invalid-request', PRODUCE, { ...LOG, payload: 1, metadata: [] }, 'metadata must be a map'],
    ['invalid-request', ACQUIRE_NEXT, { ...CONSUMER, duration: Number.NaN }, 'duration is NaN'],
    ['invalid-request', ACQUIRE_NEXT, { ...CONSUMER, duration: 0 }, 'duration is 0'],
    ['invalid-request', ACQUIRE_NEXT, { ...CONSUMER, group_id: 'x'.repeat(256) }, '256 bytes'],
    ['invalid-request', SETTLE, { ...settle, success: 1 }, 'success must be a boolean'],
    ['invalid-request', SETTLE, { ...settle, message_id: 0.5 }, 'message_id must be an integer'],
    ['never-produced', SETTLE, { ...settle, message_id: 2 }, 'it was never produced'],
    ['never-produced', SETTLE, { ...settle, log_id: 'nowhere' }, 'it was never produced'],
    ['never-produced', SETTLE, { ...settle, message_id: 2 ** 53 - 1 }, 'it was never produced'],
    ['never-leased', SETTLE, { ...settle, message_id: 1 }, 'it was never leased'],
    ['never-leased', SETTLE, { ...settle, group_id: 'other' }, 'it was never leased in this group'],
    ['not-owner', SETTLE, { ...settle, client_id: 'ben' }, 'Client does not own the lease'],
  ])('%s: command %i with %o', (kind, command, fields, text) => {
    const peer = new SessionPeer()
    for (const payload of [1, 2]) peer.request(PRODUCE, { ...LOG, payload })
    peer.request(ACQUIRE_NEXT, CONSUMER)
    const before = peer.broker.counters(0).logs

    expect(peer.request(command, fields)).toEqual({ error: expect.stringContaining(text) })
    expect(refusals(peer)).toEqual({ [kind]: 1 })
    expect(peer.broker.counters(0).logs, 'nothing has changed').toEqual(before)
    expect(peer.request(SETTLE, settle)).toEqual({ status: 'settled' })
    expect(peer.isClosed).toBe(false)
  })

  test('final: what is processed or dead', () => {
    const peer = new SessionPeer()
    for (const payload of [1, 2]) peer.request(PRODUCE, { ...LOG, payload })
    for (let failure = 0; failure < 3; failure += 1) {
      peer.request(ACQUIRE_NEXT, CONSUMER)
      peer.request(SETTLE, { ...settle, success: false })
    }
    peer.request(ACQUIRE_NEXT, CONSUMER)
    peer.request(SETTLE, { ...settle, message_id: 1 })
    for (const message_id of [0, 1]) {
      expect(peer.request(SETTLE, { ...settle, message_id })).toEqual({
        error: 'Cannot settle the message: it is processed or dead already',
      })
    }
    expect(refusals(peer)).toEqual({ final: 2 })
    expect(peer.broker.counters(0).logs.log?.groups.group).toMatchObject({ processed: 1, dead: 1 })
  })

  test.each(['log_id', 'group_id', 'client_id'])('invalid-request: %s that is no UTF-8', name => {
    const peer = new SessionPeer()
    peer.request(PRODUCE, { ...LOG, payload: 1 })
    const frame = frameOf(ACQUIRE_NEXT, { ...CONSUMER, [name]: 'ABC' })
    frame[frame.indexOf('ABC')] = 0xff
    peer.send(frame)
    expect(peer.answers.splice(0)).toEqual([
      {
        command: ACQUIRE_NEXT,
        body: { error: 'Cannot accept the request: an id is not valid UTF-8' },
      },
    ])
    expect(refusals(peer)).toEqual({ 'invalid-request': 1 })
  })

  test('limit: a message whose answer would not fit into a frame', () => {
    const peer = new SessionPeer(brokerWith({ frameLengthMax: 1000 }))
    const sizes = [800, 900, 930, 940, 950, 960]
    const answers = sizes.map(size => peer.request(PRODUCE, { ...LOG, payload: 'x'.repeat(size) }))
    const refused = answers.filter(answer => 'error' in Object(answer)).length
    expect(refused).toBeGreaterThan(0)
    expect(answers.at(-1)).toEqual({
      error: expect.stringMatching(
        /answering it would take a frame of \d+ bytes, over the limit of 1000/,
      ),
    })
    expect(refusals(peer)).toEqual({ limit: refused })
    // Whatever was accepted can be answered.
    for (let id = 0; id < sizes.length - refused; id += 1) {
      expect(peer.request(ACQUIRE_NEXT, CONSUMER)).toMatchObject({ message: { id } })
    }
  })

  test('limit: one log, group, client, message or byte too many', () => {
    const cases = [
      [{ logsMax: 1 }, PRODUCE, { log_id: 'second', payload: 1 }, 'Cannot open another log'],
      [
        { groupsPerLogMax: 1 },
        ACQUIRE_NEXT,
        { ...CONSUMER, group_id: 'second' },
        'another consumer group',
      ],
      [{ clientsMax: 1 }, ACQUIRE_NEXT, { ...CONSUMER, client_id: 'ben' }, 'another client id'],
      [{ messagesMax: 1 }, PRODUCE, { ...LOG, payload: 1 }, 'Cannot store another message'],
      [{ storedBytesMax: 6 }, PRODUCE, { ...LOG, payload: 'texts' }, 'Cannot store 6 bytes more'],
    ] as const
    for (const [limits, command, fields, text] of cases) {
      const peer = new SessionPeer(brokerWith(limits))
      expect(peer.request(PRODUCE, { ...LOG, payload: 1 })).toEqual({ message_id: 0 })
      expect(peer.request(ACQUIRE_NEXT, CONSUMER)).toMatchObject({ message: { id: 0 } })
      const before = peer.broker.counters(0).logs

      expect(peer.request(command, fields)).toEqual({ error: expect.stringContaining(text) })
      expect(refusals(peer)).toEqual({ limit: 1 })
      expect(peer.broker.counters(0).logs).toEqual(before)
      expect(peer.request(SETTLE, { ...CONSUMER, message_id: 0, success: true })).toEqual({
        status: 'settled',
      })
    }
  })
})

describe('Session closes after', () => {
  const ofLength = (length: number, version: number, command: number) => {
    const bytes = Buffer.of(0, 0, 0, 0, version, command)
    bytes.writeUInt32BE(length)
    return bytes
  }
  const deep = Buffer.concat([Buffer.from('81a178', 'hex'), Buffer.alloc(1025, 0x91), Buffer.of(1)])

  test.each<[name: string, bytes: Buffer, text: string]>([
    ['an oversize frame', ofLength(10 * 1024 * 1024 + 1, 1, SETTLE), 'the limit is 10485760'],
    ['a frame without body', ofLength(2, 1, SETTLE), 'Cannot read a frame of 2 bytes'],
    ['another version', ofLength(30, 2, SETTLE), 'version 2'],
    ['a body that is no map', rawFrame(SETTLE, Buffer.of(0x90)), 'a map was expected'],
    ['a body cut short', rawFrame(SETTLE, Buffer.of(0x82, 0xa1, 0x61, 0xc0)), 'ends in the middle'],
    ['bytes behind the map', rawFrame(SETTLE, Buffer.of(0x80, 0xc0)), '1 bytes follow its map'],
    ['a body nested too deep', rawFrame(SETTLE, deep), 'nested deeper than 1024'],
  ])('%s, with an error answer', (_name, bytes, text) => {
    const peer = new SessionPeer()
    peer.send(Buffer.concat([frameOf(PRODUCE, { ...LOG, payload: 1 }), bytes]))

    expect(peer.answers).toEqual([
      { command: PRODUCE, body: { message_id: 0 } },
      { command: SETTLE, body: { error: expect.stringContaining(text) } },
    ])
    expect(peer.isClosed).toBe(true)
    expect(refusals(peer)).toEqual({ 'broken-frame': 1 })
    peer.send(frameOf(PRODUCE, { ...LOG, payload: 2 }))
    expect(peer.answers).toHaveLength(2)
    expect(peer.broker.counters(0).logs.log?.appended).toBe(1)
  })

  test('a length without room for a command, and answers nothing', () => {
    const peer = new SessionPeer()
    peer.send(ofLength(1, 1, SETTLE))
    expect(peer.answers).toEqual([])
    expect(peer.isClosed).toBe(true)
  })
})

function refusals(peer: SessionPeer): unknown {
  return peer.broker.counters(peer.nowNs).refusals
}
