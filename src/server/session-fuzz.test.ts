import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyForeignValue } from '../testing/foreign-arbitrary.ts'
import { encodeForeign } from '../testing/foreign-encoding.ts'
import { brokerWith, rawFrame, SessionPeer } from '../testing/session-peer.ts'

const KEYS = [
  'log_id',
  'group_id',
  'client_id',
  'payload',
  'metadata',
  'duration',
  'message_id',
  'success',
]

const anyField = fc.tuple(
  fc.constantFrom(...KEYS),
  fc.oneof(fc.constant('a'), fc.constant(0n), fc.boolean(), anyForeignValue),
)
const anyFrame = fc
  .tuple(fc.nat(4), fc.array(anyField, { maxLength: 10 }), fc.infiniteStream(fc.nat(20)))
  .map(([command, pairs, forms]) =>
    rawFrame(
      command,
      encodeForeign({ pairs }, count => forms.next().value % count),
    ),
  )

test('Session answers any well-formed requests one by one, and its counters add up', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 30 }), frames => {
      const peer = new SessionPeer(brokerWith({ logsMax: 3, clientsMax: 3, groupsPerLogMax: 3 }))
      let answered = 0
      // Payloads may be what our own decoder refuses, such as a map as a key.
      peer.written = bytes => {
        for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) answered += 1
      }
      peer.send(Buffer.concat(frames))
      expect(peer.isClosed).toBe(false)
      expect(answered).toBe(frames.length)
      checkCounters(peer)
    }),
  )
})

test('Session survives requests with any bytes changed, in any chunks', () => {
  const anyChange = fc.tuple(fc.nat(2000), fc.nat(255))
  fc.assert(
    fc.property(
      fc.array(anyFrame, { maxLength: 10 }),
      fc.array(anyChange, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 100 }),
      (frames, changes, chunkBytes) => {
        const peer = new SessionPeer()
        peer.written = () => {}
        const stream = Buffer.concat(frames)
        for (const [at, byte] of changes) stream[at % Math.max(stream.length, 1)] = byte
        for (let at = 0; at < stream.length; at += chunkBytes) {
          peer.send(stream.subarray(at, at + chunkBytes))
        }
        const { refusals } = peer.broker.counters(0)
        expect(refusals['broken-frame'] ?? 0).toBe(peer.isClosed ? 1 : 0)
        checkCounters(peer)
      },
    ),
  )
})

function checkCounters(peer: SessionPeer): void {
  for (const { appended, groups } of Object.values(peer.broker.counters(peer.nowNs).logs)) {
    for (const { pending, leased, processed, dead } of Object.values(groups)) {
      expect(pending + leased + processed + dead).toBe(appended)
    }
  }
}
