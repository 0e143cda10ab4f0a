import { describe, expect, test } from 'vitest'
import { ACQUIRE_NEXT, FRAME_LENGTH_MAX, PRODUCE, SETTLE } from '../../wire/frame.ts'
import { frameOf } from '../session-peer.ts'
import { RequestCutter } from './request-cutter.ts'

const REQUESTS = [
  { command: PRODUCE, bytes: frameOf(PRODUCE, { log_id: 'log', payload: 'x'.repeat(40) }) },
  { command: ACQUIRE_NEXT, bytes: frameOf(ACQUIRE_NEXT, {}) },
  { command: SETTLE, bytes: frameOf(SETTLE, { message_id: 7 }) },
  { command: 9, bytes: frameOf(9, { unknown: true }) },
]
const STREAM = Buffer.concat(REQUESTS.map(request => request.bytes))

describe('RequestCutter.push()', () => {
  test('returns the same requests wherever the stream is cut', () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const cutter = new RequestCutter()
      const received = [
        ...cutter.push(STREAM.subarray(0, cut)),
        ...cutter.push(STREAM.subarray(cut)),
      ]
      expect(received, `cut at byte ${cut}`).toEqual(REQUESTS)
    }
  })

  test('returns the same requests byte by byte', () => {
    const cutter = new RequestCutter()
    const received = [...STREAM].flatMap(byte => cutter.push(Buffer.of(byte)))
    expect(received).toEqual(REQUESTS)
  })

  test.each([
    ['a length of 1', Buffer.of(0, 0, 0, 1)],
    ['a length of 2', Buffer.of(0, 0, 0, 2, 1, PRODUCE)],
    ['a length over the limit', header(FRAME_LENGTH_MAX + 1, 1)],
    ['another version', header(9, 2)],
  ])('passes on %s and all that follows, uncut', (_, broken) => {
    const cutter = new RequestCutter()
    expect(cutter.push(Buffer.concat([STREAM, broken]))).toEqual([
      ...REQUESTS,
      { command: undefined, bytes: broken },
    ])
    expect(cutter.push(STREAM)).toEqual([{ command: undefined, bytes: STREAM }])
  })
})

function header(length: number, version: number): Buffer {
  const bytes = Buffer.of(0, 0, 0, 0, version, PRODUCE)
  bytes.writeUInt32BE(length)
  return bytes
}
