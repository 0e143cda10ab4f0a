import { describe, expect, test } from 'vitest'
import {
  type Exchange,
  pythonServerExchanges,
  pythonSuiteConnections,
} from '../testing/golden-exchanges.ts'
import { AnswerReader } from './answer-reader.ts'
import {
  type StoredMessage,
  writeEmpty,
  writeError,
  writeMessage,
  writeProduced,
  writeSettled,
} from './answer-writer.ts'
import { ACQUIRE_NEXT, FRAME_HEADER_BYTES, FrameDecoder, PRODUCE, SETTLE } from './frame.ts'
import { OutputBuffer } from './output-buffer.ts'
import { type FieldRange, RequestReader } from './request-reader.ts'
import { ConsumerWriter, ProduceWriter } from './request-writer.ts'
import { viewed } from './template.ts'
import { decodeValue, encodeValue } from './value.ts'

const exchanges = [...pythonServerExchanges(), ...pythonSuiteConnections().flat()]

/** Requests that the Python clients do not write either: made by hand for the recording. */
const BY_HAND: ReadonlySet<string> = new Set([
  'PRODUCE without metadata',
  'ACQUIRE_NEXT unknown log',
  'missing key',
  'unknown command',
])

describe('recorded requests', () => {
  const ours = exchanges.filter(({ note }) => !BY_HAND.has(note))

  test('are as many as were recorded', () => {
    expect(exchanges.length - ours.length).toBe(BY_HAND.size)
    expect(ours.length).toBeGreaterThan(100)
  })

  test.each(ours)('are what our writers write: $note', ({ request }) => {
    expect(rewriteRequest(request).toString('hex')).toBe(request.toString('hex'))
  })

  test.each(pythonServerExchanges())('come out of one stream as they went in: $note', exchange => {
    const frames: string[] = []
    const decoder = new FrameDecoder((_command, bytes, start, end) => {
      frames.push(bytes.toString('hex', start - FRAME_HEADER_BYTES, end))
    })
    decoder.push(Buffer.concat([exchange.request, exchange.response]))
    expect(frames).toEqual([exchange.request.toString('hex'), exchange.response.toString('hex')])
  })
})

test.each(exchanges)('recorded answers are what our writers write: $note', exchange => {
  expect(rewriteAnswer(exchange).toString('hex')).toBe(exchange.response.toString('hex'))
})

test('encodeValue() and decodeValue() keep every recorded payload byte for byte', () => {
  const produced = exchanges.filter(({ request }) => commandOf(request) === PRODUCE)
  for (const { note, request } of produced) {
    const payload = slice(request, readRequest(request).payload)
    expect(encodeValue(decodeValue(payload)).toString('hex'), note).toBe(payload.toString('hex'))
  }
})

function rewriteRequest(request: Buffer): Buffer {
  const fields = readRequest(request)
  const text = (range: FieldRange) => slice(request, range).toString()
  const output = new OutputBuffer()
  if (commandOf(request) === PRODUCE) {
    const payload = slice(request, fields.payload)
    const metadata = fields.metadata.start < 0 ? undefined : slice(request, fields.metadata)
    new ProduceWriter(text(fields.logId)).write(
      output,
      payload.length,
      (target, offset) => offset + payload.copy(target, offset),
      metadata,
    )
    return output.take()
  }
  const identity = {
    logId: text(fields.logId),
    groupId: text(fields.groupId),
    clientId: text(fields.clientId),
  }
  const writer = new ConsumerWriter(identity, fields.leaseSeconds)
  if (commandOf(request) === ACQUIRE_NEXT) writer.acquire(output)
  else writer.settle(output, fields.messageId, fields.success === true)
  return output.take()
}

function rewriteAnswer({ request, response }: Exchange): Buffer {
  const command = commandOf(response)
  // The answer to an unknown command can only be an error, which every command may have.
  const answer = new AnswerReader()
  answer.read(command === 9 ? SETTLE : command, response, FRAME_HEADER_BYTES, response.length)
  const output = new OutputBuffer()
  switch (answer.kind) {
    case 'produced':
      writeProduced(output, answer.messageId)
      break
    case 'message':
      writeMessage(
        output,
        answer.messageId,
        slice(response, answer.logId),
        stored(answer, response),
      )
      break
    case 'empty':
      writeEmpty(output)
      break
    case 'settled':
      writeSettled(output)
      break
    case 'error':
      writeError(output, commandOf(request), answer.errorText)
      break
    default:
      answer.kind satisfies never
  }
  return output.take()
}

function stored({ payload, metadata }: AnswerReader, response: Buffer): StoredMessage {
  const isNil = response[metadata.start] === 0xc0
  const metadataBytes = isNil ? Buffer.alloc(0) : slice(response, metadata)
  return {
    stored: viewed(Buffer.concat([slice(response, payload), metadataBytes])),
    start: 0,
    payloadBytes: payload.end - payload.start,
    metadataBytes: metadataBytes.length,
  }
}

function readRequest(request: Buffer): RequestReader {
  const reader = new RequestReader()
  reader.read(commandOf(request), request, FRAME_HEADER_BYTES, request.length)
  return reader
}

function commandOf(frame: Buffer): number {
  return frame[5] ?? 0
}

function slice(bytes: Buffer, range: FieldRange): Buffer {
  return bytes.subarray(range.start, range.end)
}
