import { describe, expect, test } from 'vitest'
import { brokerWith, frameOf, SessionPeer } from '../testing/session-peer.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from '../wire/frame.ts'

const MESSAGES = 40
const PAYLOAD_BYTES = 10_000
const UNREAD_BYTES_MAX = 25_000
const CONSUMER = { log_id: 'log', group_id: 'group', client_id: 'anna' }

describe('Session.isPaused', () => {
  test('is set within a chunk, before its answers exceed the limit by more than one', () => {
    const peer = slowPeer()
    peer.send(acquires(MESSAGES))
    expect(peer.session.isPaused).toBe(true)
    expect(peer.unreadBytes).toBeGreaterThan(UNREAD_BYTES_MAX)
    expect(peer.unreadBytes).toBeLessThan(UNREAD_BYTES_MAX + 2 * PAYLOAD_BYTES)
    expect(leased(peer)).toBe(3)
  })

  test('holds back all further requests until resume(), and loses none', () => {
    const peer = slowPeer()
    peer.send(acquires(MESSAGES))
    peer.send(frameOf(SETTLE, { ...CONSUMER, message_id: MESSAGES - 1, success: true }))
    peer.session.resume(0)
    expect(leased(peer), 'nothing was taken yet').toBe(3)

    let rounds = 0
    while (peer.session.isPaused) {
      expect(peer.unreadBytes).toBeLessThan(UNREAD_BYTES_MAX + 2 * PAYLOAD_BYTES)
      peer.unreadBytes = 0
      peer.session.resume(0)
      rounds += 1
    }
    expect(rounds).toBeGreaterThan(5)
    const ids = peer.answers.map(({ body }) => Object(body).message?.id)
    expect(ids).toEqual([...Array.from({ length: MESSAGES }, (_, id) => id), undefined])
    expect(peer.answers.at(-1)).toEqual({ command: SETTLE, body: { status: 'settled' } })
  })

  test('stays unset while the client takes its answers', () => {
    const peer = peerWithMessages()
    peer.send(acquires(MESSAGES))
    expect(peer.session.isPaused).toBe(false)
    expect(peer.answers).toHaveLength(MESSAGES)
    expect(peer.writes).toBeGreaterThan(5)
  })

  test('does not keep a session with a broken frame from closing', () => {
    const peer = slowPeer()
    peer.send(Buffer.concat([acquires(5), Buffer.from('000000020103', 'hex'), acquires(5)]))
    while (!peer.isClosed) {
      expect(peer.session.isPaused).toBe(true)
      peer.unreadBytes = 0
      peer.session.resume(0)
    }
    expect(peer.session.isPaused).toBe(false)
    expect(leased(peer)).toBe(5)
  })

  test('grants leases by the time of resume(), not of the request', () => {
    const peer = slowPeer()
    peer.send(acquires(4))
    expect(leased(peer)).toBe(3)
    peer.unreadBytes = 0
    peer.session.resume(29e9)
    // The last lease runs to 59 s, the ones before it to 30 s.
    expect(peer.broker.counters(58e9).logs.log?.groups.group).toMatchObject({
      leased: 1,
      expired: 3,
    })
  })
})

/** A client that asks and never reads, until the test says so. */
function slowPeer(): SessionPeer {
  const peer = peerWithMessages()
  const take = peer.written
  peer.written = bytes => {
    take(bytes)
    peer.unreadBytes += bytes.length
  }
  return peer
}

function peerWithMessages(): SessionPeer {
  const peer = new SessionPeer(brokerWith({ unreadBytesMax: UNREAD_BYTES_MAX }))
  for (let id = 0; id < MESSAGES; id += 1) {
    peer.request(PRODUCE, { log_id: 'log', payload: 'x'.repeat(PAYLOAD_BYTES) })
  }
  peer.writes = 0
  return peer
}

function acquires(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => frameOf(ACQUIRE_NEXT, CONSUMER)))
}

function leased(peer: SessionPeer): number | undefined {
  return peer.broker.counters(0).logs.log?.groups.group?.leased
}
