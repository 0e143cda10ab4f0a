import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyForeignValue } from '../testing/foreign-arbitrary.ts'
import { encodeForeign, type ForeignValue } from '../testing/foreign-encoding.ts'
import { AnswerReader, commandName } from './answer-reader.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from './frame.ts'

type Pairs = readonly (readonly [ForeignValue, ForeignValue])[]

const MESSAGE: Pairs = [
  ['id', 300n],
  ['log_id', 'log'],
  ['payload', { pairs: [['data', 'text']] }],
  ['metadata', null],
]

describe('AnswerReader.read()', () => {
  test('reads every answer in any encoding, beside unknown keys', () => {
    const anyPairs = fc.array(fc.tuple(anyForeignValue, anyForeignValue), { maxLength: 3 })
    fc.assert(
      fc.property(anyPairs, anyForeignValue, fc.infiniteStream(fc.nat(20)), (extra, payload, f) => {
        const choose = (count: number) => f.next().value % count
        const unknown = extra.filter(([key]) => typeof key !== 'string')

        const produced = read(PRODUCE, [...unknown, ['message_id', 300n]], choose)
        expect(produced).toMatchObject({ kind: 'produced', messageId: 300 })
        expect(read(SETTLE, [...unknown, ['status', 'settled']], choose).kind).toBe('settled')
        expect(read(ACQUIRE_NEXT, [...unknown, ['message', null]], choose).kind).toBe('empty')
        expect(read(SETTLE, [...unknown, ['error', 'no']], choose).errorText).toBe('no')

        const message: Pairs = [...unknown, ['payload', payload], ['id', 300n], ['log_id', 'log']]
        const body = mapOf([...unknown, ['message', { pairs: message }]], choose)
        const answer = new AnswerReader()
        answer.read(ACQUIRE_NEXT, body, 0, body.length)
        expect(answer).toMatchObject({ kind: 'message', messageId: 300 })
        expect(answer.metadata.start).toBe(-1)
        expect(body.toString('utf8', answer.logId.start, answer.logId.end)).toBe('log')
        expect(answer.payload.end).toBeGreaterThan(answer.payload.start)
      }),
    )
  })

  test('gives payload and metadata as whole values', () => {
    const metadata: ForeignValue = { pairs: [['ts', { float: 1.25 }]] }
    const pairs: Pairs = [...MESSAGE.slice(0, 3), ['metadata', metadata]]
    const body = mapOf([['message', { pairs }]])
    const answer = new AnswerReader()
    answer.read(ACQUIRE_NEXT, body, 0, body.length)
    expect(body.subarray(answer.metadata.start, answer.metadata.end)).toEqual(
      encodeForeign(metadata, () => 0),
    )
    expect(body.subarray(answer.payload.start, answer.payload.end)).toEqual(
      encodeForeign({ pairs: [['data', 'text']] }, () => 0),
    )
  })

  test('refuses an answer that is cut short, at every byte', () => {
    const answers: readonly [number, Pairs][] = [
      [PRODUCE, [['message_id', 70_000n]]],
      [ACQUIRE_NEXT, [['message', { pairs: MESSAGE }]]],
      [ACQUIRE_NEXT, [['message', null]]],
      [SETTLE, [['status', 'settled']]],
      [SETTLE, [['error', 'refused']]],
    ]
    for (const [command, pairs] of answers) {
      const body = mapOf(pairs)
      for (let end = 0; end < body.length; end += 1) {
        expect(() => new AnswerReader().read(command, body, 0, end), `cut at ${end}`).toThrow(
          expect.objectContaining({ code: 'MESSAGEPACK_INVALID' }),
        )
      }
    }
  })

  test.each<[command: number, pairs: Pairs, problem: string]>([
    [PRODUCE, [], 'it has none of the keys of one'],
    [PRODUCE, [['message', null]], 'it has none of the keys of one'],
    [PRODUCE, [['message_id', 'x']], 'its message id is no integer'],
    [PRODUCE, [['message_id', -1n]], 'its message id is no integer'],
    [PRODUCE, [['message_id', 2n ** 53n]], 'its message id is no integer'],
    [PRODUCE, [['message_id', { float: 1 }]], 'its message id is no integer'],
    [ACQUIRE_NEXT, [['status', 'settled']], 'it has none of the keys of one'],
    [ACQUIRE_NEXT, [['message', 5n]], 'its message is no map'],
    [ACQUIRE_NEXT, [['message', { pairs: [] }]], 'its message has no id'],
    [ACQUIRE_NEXT, [['message', { pairs: MESSAGE.slice(1) }]], 'its message has no id'],
    [ACQUIRE_NEXT, [['message', { pairs: MESSAGE.slice(0, 2) }]], 'its message has no payload'],
    [SETTLE, [['message_id', 1n]], 'it has none of the keys of one'],
    [SETTLE, [['status', 'ok']], 'its status is not "settled"'],
    [SETTLE, [['status', null]], 'its status is not "settled"'],
    [SETTLE, [['error', 5n]], 'its error is no text'],
    [SETTLE, [['error', null]], 'it has none of the keys of one'],
  ])('refuses as an answer to command %i: %o', (command, pairs, problem) => {
    expect(() => read(command, pairs)).toThrow(
      expect.objectContaining({
        code: 'ANSWER_INVALID',
        message: `Cannot read the answer to ${commandName(command)}: ${problem}${
          problem.endsWith('integer') ? ' from 0 to 2^53 - 1' : ''
        }`,
      }),
    )
  })

  test.each<[command: number, pairs: Pairs]>([
    [
      PRODUCE,
      [
        ['message_id', null],
        ['error', 'no'],
      ],
    ],
    [
      PRODUCE,
      [
        ['error', 'no'],
        ['message_id', 4n],
      ],
    ],
    [
      ACQUIRE_NEXT,
      [
        ['error', 'no'],
        ['message', null],
      ],
    ],
    [
      ACQUIRE_NEXT,
      [
        ['message', { pairs: [] }],
        ['error', 'no'],
      ],
    ],
    [
      SETTLE,
      [
        ['status', 'failed'],
        ['error', 'no'],
      ],
    ],
  ])('reads an error to command %i whatever stands beside it: %o', (command, pairs) => {
    expect(read(command, pairs)).toMatchObject({ kind: 'error', errorText: 'no' })
  })

  test('ignores an error that is nil beside an answer', () => {
    expect(
      read(SETTLE, [
        ['error', null],
        ['status', 'settled'],
      ]).kind,
    ).toBe('settled')
  })

  test('refuses bytes behind the map', () => {
    const body = Buffer.concat([mapOf([['status', 'settled']]), Buffer.of(0)])
    expect(() => new AnswerReader().read(SETTLE, body, 0, body.length)).toThrow(
      '1 bytes follow its map',
    )
  })

  test('starts anew for every answer', () => {
    const answer = new AnswerReader()
    const message = mapOf([['message', { pairs: MESSAGE }]])
    answer.read(ACQUIRE_NEXT, message, 0, message.length)
    const second = mapOf([['message', { pairs: MESSAGE.filter(([key]) => key === 'payload') }]])
    expect(() => answer.read(ACQUIRE_NEXT, second, 0, second.length)).toThrow('has no id')
    const empty = mapOf([['message', null]])
    answer.read(ACQUIRE_NEXT, empty, 0, empty.length)
    expect(answer.kind).toBe('empty')
  })
})

test('AnswerReader.errorText is cut when a server writes too much', () => {
  expect(read(SETTLE, [['error', 'x'.repeat(100_000)]]).errorText).toHaveLength(1024)
})

function read(
  command: number,
  pairs: Pairs,
  choose: (count: number) => number = () => 0,
): AnswerReader {
  const answer = new AnswerReader()
  const body = mapOf(pairs, choose)
  answer.read(command, body, 0, body.length)
  return answer
}

function mapOf(pairs: Pairs, choose: (count: number) => number = () => 0): Buffer {
  return encodeForeign({ pairs }, choose)
}
