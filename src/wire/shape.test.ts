import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyForeignValue } from '../testing/foreign-arbitrary.ts'
import { encodeForeign, type ForeignValue } from '../testing/foreign-encoding.ts'
import { AnswerReader } from './answer-reader.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from './frame.ts'
import { MessagePackReader } from './reader.ts'
import { RequestReader } from './request-reader.ts'
import { Shape } from './shape.ts'

type Pairs = readonly (readonly [string, ForeignValue])[]
interface Body {
  readonly command: number
  readonly bytes: Buffer
}

const anyId = fc.constantFrom('a', 'b', 'log', 'a longer id')
const anyNumber = fc.constantFrom(0n, 7n, 127n, 128n, 300n, 70_000n, 2n ** 53n, -1n)
const anyMetadata = fc.constantFrom<ForeignValue>(
  null,
  { pairs: [] },
  { pairs: [['ts', { float: 1.5 }]] },
  'none',
)
const anyOrder = fc.constantFrom(0, 1, 2)

const anyRequest = fc.oneof(
  bodies(PRODUCE, [
    ['log_id', anyId],
    ['payload', anyForeignValue],
    ['metadata', anyMetadata],
  ]),
  bodies(ACQUIRE_NEXT, [
    ['log_id', anyId],
    ['group_id', anyId],
    ['client_id', anyId],
    ['duration', fc.constantFrom<ForeignValue>({ float: 30 }, 5n, 'long')],
  ]),
  bodies(SETTLE, [
    ['log_id', anyId],
    ['group_id', anyId],
    ['message_id', anyNumber],
    ['client_id', anyId],
    ['success', fc.boolean()],
  ]),
)

const anyMessage = fc
  .tuple(anyNumber, anyId, anyForeignValue, anyMetadata, anyOrder, fc.constantFrom(2, 3, 4))
  .map(([id, log, payload, metadata, order, fields]) => {
    const pairs: Pairs = [
      ['id', id],
      ['payload', payload],
      ['log_id', log],
      ['metadata', metadata],
    ]
    return { pairs: rotated(pairs.slice(0, fields), order) }
  })
const anyAnswer = fc.oneof(
  bodies(PRODUCE, [['message_id', anyNumber]]),
  bodies(ACQUIRE_NEXT, [['message', fc.oneof(anyMessage, fc.constant(null))]]),
  bodies(SETTLE, [['status', fc.constantFrom('settled', 'Settled')]]),
  bodies(SETTLE, [['error', fc.constantFrom<ForeignValue>('no', null, 1n)]]),
)

describe('a reader that has read other bodies', () => {
  test('reads each request as a new one does, also mutilated ones', () => {
    const used = new RequestReader()
    fc.assert(
      fc.property(sequences(anyRequest), sequence => {
        for (const { command, bytes } of sequence) {
          expect(requestOutcome(used, command, bytes)).toEqual(
            requestOutcome(new RequestReader(), command, bytes),
          )
        }
      }),
    )
  })

  test('reads each answer as a new one does, also mutilated ones', () => {
    const used = new AnswerReader()
    fc.assert(
      fc.property(sequences(anyAnswer), sequence => {
        for (const { command, bytes } of sequence) {
          expect(answerOutcome(used, command, bytes)).toEqual(
            answerOutcome(new AnswerReader(), command, bytes),
          )
        }
      }),
    )
  })
})

describe('a connection whose bodies change more often than shapes are learnt', () => {
  const complete = {
    pairs: [...pairsOf('log_id', 'payload'), ['metadata', { pairs: [] }]],
  } as const
  const without = { pairs: pairsOf('log_id', 'payload') }
  const inMessage = (message: ForeignValue): ForeignValue => ({ pairs: [['message', message]] })
  const id = ['id', 5n] as const

  test('has no metadata of an earlier request', () => {
    const [full, bare] = [complete, without].map(value => encodeForeign(value, () => 0))
    expect.assert(full !== undefined && bare !== undefined)
    const used = new RequestReader()
    for (let time = 0; time < 200; time += 1) {
      for (const bytes of [bare, bare, full]) {
        expect(requestOutcome(used, PRODUCE, bytes)).toEqual(
          requestOutcome(new RequestReader(), PRODUCE, bytes),
        )
      }
    }
  })

  test('has no metadata of an earlier answer', () => {
    const [full, bare] = [complete, without].map(({ pairs }) =>
      encodeForeign(inMessage({ pairs: [id, ...pairs] }), () => 0),
    )
    expect.assert(full !== undefined && bare !== undefined)
    const used = new AnswerReader()
    // One shape more than the last one that is learnt, so that the bare one stays.
    for (const bytes of [...Array.from({ length: 63 }, (_, at) => (at % 2 ? bare : full)), bare]) {
      answerOutcome(used, ACQUIRE_NEXT, bytes)
    }
    for (const bytes of [full, bare]) {
      expect(answerOutcome(used, ACQUIRE_NEXT, bytes)).toEqual(
        answerOutcome(new AnswerReader(), ACQUIRE_NEXT, bytes),
      )
    }
  })
})

describe('Shape', () => {
  const learnt = Buffer.from('key 12 tail')
  const shape = new Shape(learnt, 0, learnt.length, [4, 6])

  test.each([
    { why: 'it is longer', body: Buffer.from('key 1 tail and more') },
    { why: 'it is shorter', body: Buffer.from('key 1 tai') },
    { why: 'it ends where the value should be', body: Buffer.from('key ') },
    { why: 'a byte before the value differs', body: Buffer.from('kez 1 tail') },
    { why: 'a byte behind the value differs', body: Buffer.from('key 1 taim') },
  ])('does not match a body when $why', ({ body }) => {
    expect(shape.matches(new MessagePackReader(), body, 0, body.length)).toBe(false)
  })

  test('finds the value and what stands around it at another place and of another length', () => {
    const body = Buffer.from([...Buffer.from('..key '), 0xa2, 0x68, 0x69, ...Buffer.from(' tail')])
    expect(shape.matches(new MessagePackReader(), body, 2, body.length)).toBe(true)
    expect([shape.holeStarts[0], shape.holeEnds[0]]).toEqual([6, 9])
    const fresh = new Shape(learnt, 0, learnt.length, [4, 6])
    const tail = fresh.anchor({ start: 7, end: 11 })
    fresh.matches(new MessagePackReader(), body, 2, body.length)
    const range = { start: -1, end: -1 }
    fresh.place(tail, range)
    expect(body.toString('latin1', range.start, range.end)).toBe('tail')
  })
})

/** Bodies of some keys in any of some orders; each value is drawn anew. */
function bodies(
  command: number,
  fields: readonly (readonly [string, fc.Arbitrary<ForeignValue>])[],
): fc.Arbitrary<Body> {
  const values = fc.tuple(...fields.map(([, value]) => value))
  const anyVariation = fc.constantFrom('plain', 'first key twice', 'without the last')
  return fc.tuple(values, anyOrder, anyVariation).map(([drawn, order, variation]) => {
    const pairs: Pairs = fields.map(([name], index) => [name, drawn[index] ?? null])
    const varied = {
      plain: pairs,
      'first key twice': [...pairs, ...pairs.slice(0, 1)],
      'without the last': pairs.slice(0, -1),
    }[variation]
    return { command, bytes: encodeForeign({ pairs: rotated(varied ?? pairs, order) }, () => 0) }
  })
}

/** Each body several times, so that its shape is known, and some with a byte changed or cut off. */
function sequences(body: fc.Arbitrary<Body>): fc.Arbitrary<Body[]> {
  const mutilation = fc.record({ at: fc.nat(), to: fc.nat(255), kind: fc.constantFrom(0, 1, 2, 3) })
  const some = fc.tuple(body, fc.array(mutilation, { maxLength: 4 })).map(([one, mutilations]) => [
    one,
    one,
    ...mutilations.map(({ at, to, kind }): Body => {
      const bytes = Buffer.from(one.bytes)
      if (kind === 0) return { ...one, bytes: bytes.subarray(0, at % bytes.length) }
      if (kind === 1) return { ...one, bytes: Buffer.concat([bytes, Buffer.of(to)]) }
      bytes[at % bytes.length] = to
      return { ...one, bytes }
    }),
  ])
  return fc.array(some, { maxLength: 12 }).map(list => list.flat())
}

function pairsOf(...names: readonly string[]): [string, ForeignValue][] {
  return names.map(name => [name, name])
}

function rotated(pairs: Pairs, by: number): Pairs {
  return [...pairs.slice(by), ...pairs.slice(0, by)]
}

function requestOutcome(reader: RequestReader, command: number, bytes: Buffer): unknown {
  try {
    reader.read(command, bytes, 0, bytes.length)
  } catch (thrown) {
    return String(thrown)
  }
  const { logId, groupId, clientId, payload, metadata, leaseSeconds, messageId, success } = reader
  const text = ({ start, end }: { start: number; end: number }) =>
    start < 0 ? undefined : `${start}: ${bytes.toString('latin1', start, end)}`
  if (command === PRODUCE) return [logId, payload, metadata].map(text)
  const ids = [logId, groupId, clientId].map(text)
  return command === SETTLE ? [...ids, messageId, success] : [...ids, leaseSeconds]
}

function answerOutcome(reader: AnswerReader, command: number, bytes: Buffer): unknown {
  try {
    reader.read(command, bytes, 0, bytes.length)
  } catch (thrown) {
    return String(thrown)
  }
  const { kind, messageId, payload, metadata, logId } = reader
  if (kind === 'produced') return [kind, messageId]
  if (kind === 'error') return [kind, reader.errorText]
  if (kind !== 'message') return [kind]
  const text = ({ start, end }: { start: number; end: number }) =>
    start < 0 ? undefined : `${start}: ${bytes.toString('latin1', start, end)}`
  return [kind, messageId, ...[payload, metadata, logId].map(text)]
}
