import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyForeignValue } from '../testing/foreign-arbitrary.ts'
import { encodeForeign, type ForeignValue } from '../testing/foreign-encoding.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from './frame.ts'
import { type FieldRange, RequestReader } from './request-reader.ts'

type Fields = Readonly<Record<string, ForeignValue>>

const PRODUCE_FIELDS: Fields = { log_id: 'log', payload: 'text', metadata: null }
const ACQUIRE_FIELDS: Fields = {
  log_id: 'log',
  group_id: 'group',
  client_id: 'client',
  duration: { float: 2.5 },
}
const SETTLE_FIELDS: Fields = {
  log_id: 'log',
  group_id: 'group',
  message_id: 7n,
  client_id: 'client',
  success: true,
}

describe('RequestReader.read()', () => {
  test('reads the fields of a request in any encoding, in any order, beside unknown keys', () => {
    const anyForms = fc.infiniteStream(fc.nat(20))
    const anyUnknown = fc.array(fc.tuple(anyForeignValue, anyForeignValue), { maxLength: 3 })
    fc.assert(
      fc.property(
        anyUnknown,
        fc.array(fc.nat(10), { maxLength: 8 }),
        anyForms,
        anyForeignValue,
        (unknown, order, forms, payload) => {
          const choose = (count: number) => forms.next().value % count
          const map = (fields: Fields) =>
            mapOf([...shuffled(Object.entries(fields), order), ...unknownTo(unknown)], choose)

          const payloadForm = encodeForeign(payload, () => 0)
          const body = mapOf(Object.entries({ log_id: 'log', payload }), () => 0)
          const produce = read(PRODUCE, body)
          expect(slice(body, produce.logId).toString()).toBe('log')
          expect(slice(body, produce.payload)).toEqual(payloadForm)

          const acquireBody = map(ACQUIRE_FIELDS)
          const acquire = read(ACQUIRE_NEXT, acquireBody)
          expect(slice(acquireBody, acquire.logId).toString()).toBe('log')
          expect(slice(acquireBody, acquire.groupId).toString()).toBe('group')
          expect(slice(acquireBody, acquire.clientId).toString()).toBe('client')
          expect(acquire.leaseSeconds).toBe(2.5)

          const settleBody = map(SETTLE_FIELDS)
          const settle = read(SETTLE, settleBody)
          expect(slice(settleBody, settle.groupId).toString()).toBe('group')
          expect(settle.messageId).toBe(7)
          expect(settle.success).toBe(true)
        },
      ),
    )
  })

  test('refuses a body that is cut short, at every byte', () => {
    const bodies = [
      [PRODUCE, mapOf(Object.entries(PRODUCE_FIELDS))],
      [ACQUIRE_NEXT, mapOf(Object.entries(ACQUIRE_FIELDS))],
      [SETTLE, mapOf(Object.entries(SETTLE_FIELDS))],
    ] as const
    for (const [command, body] of bodies) {
      for (let end = 0; end < body.length; end += 1) {
        expect(() => read(command, body.subarray(0, end)), `${command} cut at ${end}`).toThrow(
          expect.objectContaining({ code: 'MESSAGEPACK_INVALID' }),
        )
      }
    }
  })

  test('refuses a body that is no map, and one with bytes behind its map', () => {
    for (const body of [Buffer.of(0xc0), Buffer.of(0x93, 1, 2, 3), Buffer.of(0xa3, 1, 2, 3)]) {
      expect(() => read(PRODUCE, body)).toThrow(broken('a map was expected at byte 0'))
    }
    const longer = Buffer.concat([mapOf(Object.entries(PRODUCE_FIELDS)), Buffer.of(0, 0)])
    expect(() => read(PRODUCE, longer)).toThrow(broken('2 bytes follow its map'))
  })

  test('takes no time or memory by the declared number of keys', () => {
    const body = Buffer.of(0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61, 0x01)
    expect(() => read(PRODUCE, body)).toThrow(broken('it ends in the middle'))
  })

  test.each([
    [PRODUCE, PRODUCE_FIELDS, ['log_id', 'payload']],
    [ACQUIRE_NEXT, ACQUIRE_FIELDS, ['log_id', 'group_id', 'client_id']],
    [SETTLE, SETTLE_FIELDS, ['log_id', 'group_id', 'message_id', 'client_id', 'success']],
  ] as const)(
    'names each required field of command %i that is missing',
    (command, all, required) => {
      for (const name of Object.keys(all)) {
        const body = mapOf(Object.entries(all).filter(([key]) => key !== name))
        if ((required as readonly string[]).includes(name)) {
          expect(() => read(command, body)).toThrow(invalid(`${name} is missing`))
        } else {
          expect(() => read(command, body)).not.toThrow()
        }
      }
    },
  )

  test('leases for 30 seconds when no duration is given', () => {
    const { duration: _, ...fields } = ACQUIRE_FIELDS
    expect(read(ACQUIRE_NEXT, mapOf(Object.entries(fields))).leaseSeconds).toBe(30)
  })

  test.each([0.001, 1, 43_200])('accepts a duration of %d seconds', seconds => {
    const fields = { ...ACQUIRE_FIELDS, duration: { float: seconds } }
    expect(read(ACQUIRE_NEXT, mapOf(Object.entries(fields))).leaseSeconds).toBe(seconds)
  })

  test('accepts a duration in whole numbers', () => {
    const fields = { ...ACQUIRE_FIELDS, duration: 30n }
    expect(read(ACQUIRE_NEXT, mapOf(Object.entries(fields))).leaseSeconds).toBe(30)
  })

  test.each<[string, ForeignValue]>([
    ['NaN', { float: Number.NaN }],
    ['Infinity', { float: Number.POSITIVE_INFINITY }],
    ['-Infinity', { float: Number.NEGATIVE_INFINITY }],
    ['0', 0n],
    ['-1', { float: -1 }],
    ['0.0009', { float: 0.0009 }],
    ['43200.1', { float: 43_200.1 }],
    ['9223372036854776000', 2n ** 63n],
  ])('refuses a duration of %s', (text, duration) => {
    const body = mapOf(Object.entries({ ...ACQUIRE_FIELDS, duration }))
    expect(() => read(ACQUIRE_NEXT, body)).toThrow(invalid(`duration is ${text}: it must be 0.001`))
  })

  test.each<[command: number, fields: Fields, problem: string]>([
    [PRODUCE, { ...PRODUCE_FIELDS, log_id: '' }, 'log_id is empty'],
    [PRODUCE, { ...PRODUCE_FIELDS, log_id: 'é'.repeat(128) }, 'log_id has 256 bytes'],
    [PRODUCE, { ...PRODUCE_FIELDS, log_id: 5n }, 'log_id must be a string'],
    [PRODUCE, { ...PRODUCE_FIELDS, log_id: { binary: Buffer.from('log') } }, 'must be a string'],
    [PRODUCE, { ...PRODUCE_FIELDS, metadata: { items: [] } }, 'metadata must be a map or nil'],
    [PRODUCE, { ...PRODUCE_FIELDS, metadata: 'text' }, 'metadata must be a map or nil'],
    [ACQUIRE_NEXT, { ...ACQUIRE_FIELDS, group_id: '' }, 'group_id is empty'],
    [ACQUIRE_NEXT, { ...ACQUIRE_FIELDS, client_id: 'c'.repeat(256) }, 'client_id has 256 bytes'],
    [ACQUIRE_NEXT, { ...ACQUIRE_FIELDS, duration: 'long' }, 'duration must be a number'],
    [ACQUIRE_NEXT, { ...ACQUIRE_FIELDS, duration: null }, 'duration must be a number'],
    [SETTLE, { ...SETTLE_FIELDS, message_id: -1n }, 'message_id must be an integer from 0'],
    [SETTLE, { ...SETTLE_FIELDS, message_id: 2n ** 53n }, 'message_id must be an integer from 0'],
    [SETTLE, { ...SETTLE_FIELDS, message_id: { float: 1 } }, 'message_id must be an integer'],
    [SETTLE, { ...SETTLE_FIELDS, success: 1n }, 'success must be a boolean'],
    [SETTLE, { ...SETTLE_FIELDS, success: null }, 'success must be a boolean'],
  ])('refuses a request of command %i because %o', (command, fields, problem) => {
    expect(() => read(command, mapOf(Object.entries(fields)))).toThrow(invalid(problem))
  })

  test('accepts ids of 255 bytes', () => {
    const body = mapOf(Object.entries({ ...PRODUCE_FIELDS, log_id: 'x'.repeat(255) }))
    expect(slice(body, read(PRODUCE, body).logId)).toHaveLength(255)
  })

  test('ignores keys that only other commands have, whatever they hold', () => {
    const produce = { group_id: 1n, client_id: '', message_id: 'x', duration: null, success: 3n }
    const acquire = { payload: 1n, metadata: 2n, message_id: -1n, success: 'yes' }
    const settle = { payload: 1n, metadata: 2n, duration: 'long' }
    const cases = [
      [PRODUCE, { ...produce, ...PRODUCE_FIELDS }],
      [ACQUIRE_NEXT, { ...acquire, ...ACQUIRE_FIELDS }],
      [SETTLE, { ...settle, ...SETTLE_FIELDS }],
      [9, { log_id: 5n }],
    ] as const
    for (const [command, fields] of cases) {
      expect(() => read(command, mapOf(Object.entries(fields)))).not.toThrow()
    }
  })

  test('finds a broken frame before a wrong field of it', () => {
    const body = mapOf(Object.entries({ ...SETTLE_FIELDS, success: 1n, later: 'text' }))
    expect(() => read(SETTLE, body.subarray(0, -1))).toThrow(broken('it ends in the middle'))
  })

  test('starts anew for every body', () => {
    const reader = new RequestReader()
    const settle = mapOf(Object.entries(SETTLE_FIELDS))
    reader.read(SETTLE, settle, 0, settle.length)
    const empty = mapOf([])
    expect(() => reader.read(SETTLE, empty, 0, empty.length)).toThrow(invalid('log_id is missing'))
    const acquire = mapOf(Object.entries(ACQUIRE_FIELDS))
    reader.read(ACQUIRE_NEXT, acquire, 0, acquire.length)
    expect(reader).toMatchObject({ messageId: -1, success: undefined, leaseSeconds: 2.5 })
  })

  test('takes the last of a key that comes twice', () => {
    const twice = [...Object.entries(SETTLE_FIELDS), ['message_id', 9n]] as const
    expect(read(SETTLE, mapOf(twice)).messageId).toBe(9)
  })
})

function read(command: number, body: Buffer): RequestReader {
  const reader = new RequestReader()
  reader.read(command, body, 0, body.length)
  return reader
}

function mapOf(
  pairs: readonly (readonly [ForeignValue, ForeignValue])[],
  choose: (count: number) => number = () => 0,
): Buffer {
  return encodeForeign({ pairs }, choose)
}

/** Without those that happen to be a name that the protocol knows. */
function unknownTo(pairs: readonly (readonly [ForeignValue, ForeignValue])[]) {
  return pairs.filter(([key]) => typeof key !== 'string' || !(key in SETTLE_FIELDS))
}

function shuffled<Item>(items: readonly Item[], order: readonly number[]): Item[] {
  const rest = [...items]
  const taken = order.flatMap(at => rest.splice(at % Math.max(rest.length, 1), 1))
  return [...taken, ...rest]
}

function slice(body: Buffer, range: FieldRange): Buffer {
  return body.subarray(range.start, range.end)
}

function invalid(problem: string): object {
  return error('REQUEST_INVALID', problem)
}

function broken(problem: string): object {
  return error('MESSAGEPACK_INVALID', problem)
}

function error(code: string, text: string): object {
  return expect.objectContaining({ code, message: expect.stringContaining(text) })
}
