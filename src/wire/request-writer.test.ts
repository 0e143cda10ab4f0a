import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyForeignValue } from '../testing/foreign-arbitrary.ts'
import { encodeForeign } from '../testing/foreign-encoding.ts'
import { ACQUIRE_NEXT, FRAME_LENGTH_MAX, FrameDecoder, PRODUCE, SETTLE } from './frame.ts'
import { OutputBuffer } from './output-buffer.ts'
import { type FieldRange, RequestReader } from './request-reader.ts'
import { ConsumerWriter, ProduceWriter } from './request-writer.ts'

const anyId = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter(id => Buffer.byteLength(id) <= 255)

test('ProduceWriter.write() writes what RequestReader reads', () => {
  fc.assert(
    fc.property(anyId, anyForeignValue, fc.boolean(), (logId, value, hasMetadata) => {
      const payload = encodeForeign(value, () => 0)
      const metadata = hasMetadata ? Buffer.of(0x81, 0xa1, 0x74, 0x05) : undefined
      const output = new OutputBuffer()
      // More may be reserved than is written.
      const writePayload = (target: Buffer, offset: number) => offset + payload.copy(target, offset)
      new ProduceWriter(logId).write(output, payload.length + 100, writePayload, metadata)

      const { command, body, request } = readBack(output.take())
      expect(command).toBe(PRODUCE)
      expect(slice(body, request.logId).toString()).toBe(logId)
      expect(slice(body, request.payload)).toEqual(payload)
      if (metadata === undefined) expect(request.metadata.start).toBe(-1)
      else expect(slice(body, request.metadata)).toEqual(metadata)
    }),
  )
})

test('ConsumerWriter writes what RequestReader reads', () => {
  const anySeconds = fc.double({ min: 0.001, max: 43_200, noNaN: true })
  const anyMessageId = fc.nat(Number.MAX_SAFE_INTEGER)
  fc.assert(
    fc.property(
      fc.record({ logId: anyId, groupId: anyId, clientId: anyId }),
      anySeconds,
      anyMessageId,
      fc.boolean(),
      (identity, seconds, messageId, success) => {
        const writer = new ConsumerWriter(identity, seconds)
        const output = new OutputBuffer()
        writer.acquire(output)
        const acquire = readBack(output.take())
        writer.settle(output, messageId, success)
        const settle = readBack(output.take())

        expect(acquire.command).toBe(ACQUIRE_NEXT)
        expect(acquire.request.leaseSeconds).toBe(seconds)
        expect(settle.command).toBe(SETTLE)
        expect(settle.request).toMatchObject({ messageId, success })
        for (const { body, request } of [acquire, settle]) {
          expect(slice(body, request.logId).toString()).toBe(identity.logId)
          expect(slice(body, request.groupId).toString()).toBe(identity.groupId)
          expect(slice(body, request.clientId).toString()).toBe(identity.clientId)
        }
      },
    ),
  )
})

test.each(['', 'x'.repeat(256), 'é'.repeat(128)])('writers refuse the id %o', id => {
  const refusal = expect.objectContaining({ code: 'REQUEST_INVALID' })
  const ids = { logId: 'log', groupId: 'group', clientId: 'client' }
  expect(() => new ProduceWriter(id)).toThrow(refusal)
  expect(() => new ConsumerWriter({ ...ids, logId: id }, 1)).toThrow(refusal)
  expect(() => new ConsumerWriter({ ...ids, groupId: id }, 1)).toThrow(refusal)
  expect(() => new ConsumerWriter({ ...ids, clientId: id }, 1)).toThrow(refusal)
})

test.each([0, 0.0009, 43_201, Number.NaN, Number.POSITIVE_INFINITY, -1])(
  'ConsumerWriter refuses a lease of %d seconds',
  seconds => {
    const identity = { logId: 'log', groupId: 'group', clientId: 'client' }
    expect(() => new ConsumerWriter(identity, seconds)).toThrow(
      `Cannot lease for ${seconds} seconds: it must be 0.001 to 43200`,
    )
  },
)

test('ProduceWriter.checkFrame() refuses exactly what FrameDecoder refuses', () => {
  const writer = new ProduceWriter('log')
  const output = new OutputBuffer()
  writer.write(output, 1, (target, offset) => target.writeUInt8(0, offset))
  const lengthOfOneByte = output.take().readUInt32BE(0)
  const largest = FRAME_LENGTH_MAX - lengthOfOneByte + 1

  expect(() => writer.checkFrame(largest)).not.toThrow()
  expect(() => writer.checkFrame(largest + 1)).toThrow(
    `Cannot send a frame of ${FRAME_LENGTH_MAX + 1} bytes: the limit is ${FRAME_LENGTH_MAX}`,
  )
  expect(() => writer.checkFrame(largest, 2)).toThrow(
    expect.objectContaining({ code: 'FRAME_TOO_LARGE' }),
  )
})

function readBack(frame: Buffer) {
  let command = 0
  let body: Buffer = Buffer.alloc(0)
  const decoder = new FrameDecoder((received, bytes, start, end) => {
    command = received
    body = bytes.subarray(start, end)
  })
  decoder.push(frame)
  const request = new RequestReader()
  request.read(command, body, 0, body.length)
  return { command, body, request }
}

function slice(body: Buffer, range: FieldRange): Buffer {
  return body.subarray(range.start, range.end)
}
