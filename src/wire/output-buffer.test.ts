import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeError, writeProduced } from './answer-writer.ts'
import { FrameDecoder, SETTLE } from './frame.ts'
import { OutputBuffer, writeUnsigned } from './output-buffer.ts'
import { decodeValue } from './value.ts'

test('OutputBuffer.take() gives all frames since the last call, and they stay as they are', () => {
  const sizes = fc.array(fc.oneof(fc.nat(100), fc.integer({ min: 10_000, max: 200_000 })), {
    maxLength: 30,
  })
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 5 }), (bodies, framesEachTake) => {
      const output = new OutputBuffer()
      const taken: Buffer[] = []
      for (const [index, bodyBytes] of bodies.entries()) {
        output.beginFrame(index, bodyBytes + 50)
        output.raw(Buffer.alloc(bodyBytes + 1, index))
        output.endFrame()
        if (index % framesEachTake === 0) taken.push(output.take())
      }
      taken.push(output.take())
      expect(output.pendingBytes).toBe(0)

      // Read only now: later frames must not have been written over earlier ones.
      const received: { command: number; bytes: number }[] = []
      const decoder = new FrameDecoder((command, bytes, start, end) => {
        expect(bytes.subarray(start, end).every(byte => byte === command)).toBe(true)
        received.push({ command, bytes: end - start - 1 })
      })
      for (const bytes of taken) decoder.push(bytes)
      expect(received).toEqual(bodies.map((bytes, command) => ({ command, bytes })))
    }),
  )
})

test('OutputBuffer reuses one buffer for small writes and lets a large one go', () => {
  const output = new OutputBuffer()
  writeProduced(output, 1)
  const first = output.take()
  writeProduced(output, 2)
  const second = output.take()
  expect(second.buffer).toBe(first.buffer)
  expect(second.byteOffset).toBe(first.byteOffset + first.length)

  output.beginFrame(1, 1024 * 1024)
  output.raw(Buffer.alloc(1024 * 1024))
  output.endFrame()
  const large = output.take()
  writeProduced(output, 3)
  const small = output.take()
  expect(small.buffer).not.toBe(large.buffer)
  expect(small.buffer.byteLength).toBe(64 * 1024)
})

test('writeUnsigned() writes every size in its shortest form', () => {
  const forms = [
    [0, '00'],
    [127, '7f'],
    [128, 'cc80'],
    [255, 'ccff'],
    [256, 'cd0100'],
    [65_535, 'cdffff'],
    [65_536, 'ce00010000'],
    [4_294_967_295, 'ceffffffff'],
    [4_294_967_296, 'cf0000000100000000'],
    [Number.MAX_SAFE_INTEGER, 'cf001fffffffffffff'],
  ] as const
  for (const [value, hex] of forms) {
    const target = Buffer.alloc(9)
    const end = writeUnsigned(target, 0, value)
    expect(target.toString('hex', 0, end), String(value)).toBe(hex)
  }
})

test('writeError() cuts a long text between two characters', () => {
  const output = new OutputBuffer()
  writeError(output, SETTLE, `${'x'.repeat(255)}é`)
  const frame = output.take()
  expect(decodeValue(frame.subarray(6))).toEqual({ error: 'x'.repeat(255) })
})

describe('OutputBuffer.send()', () => {
  const write = (output: OutputBuffer, body: number) => {
    output.beginFrame(1, 1)
    output.byte(body)
    output.endFrame()
  }

  test('builds the next frames where the last ones stood, once they have left', () => {
    const output = new OutputBuffer()
    const sent: Buffer[] = []
    const sink = { write: (bytes: Buffer) => sent.push(bytes) > 0 }
    write(output, 1)
    output.send(sink)
    write(output, 2)
    output.send(sink)

    expect(sent.map(bytes => bytes.byteOffset)).toEqual([sent[0]?.byteOffset, sent[0]?.byteOffset])
  })

  test('never writes over bytes that a sink has kept, whatever others take', () => {
    const output = new OutputBuffer()
    const kept: Buffer[] = []
    write(output, 1)
    output.send({ write: bytes => kept.push(bytes) < 0 })
    for (let body = 2; body < 20_000; body += 1) {
      write(output, body % 256)
      output.send({ write: () => true })
    }

    expect(kept[0]?.at(-1)).toBe(1)
  })

  test('keeps what a sink adds before it returns', () => {
    const output = new OutputBuffer()
    const sent: (number | undefined)[] = []
    write(output, 1)
    output.send({
      write(bytes) {
        sent.push(bytes.at(-1))
        write(output, 2)
        return true
      },
    })
    output.send({ write: bytes => sent.push(bytes.at(-1)) > 0 })

    expect(sent).toEqual([1, 2])
  })

  test('discard() forgets what was added, and nothing that was sent', () => {
    const output = new OutputBuffer()
    write(output, 1)
    const sent = output.take()
    write(output, 2)
    output.discard()
    write(output, 3)

    expect([sent.at(-1), output.take().at(-1)]).toEqual([1, 3])
  })
})
