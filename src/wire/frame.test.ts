import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { ACQUIRE_NEXT, FrameDecoder, FrameError, PRODUCE, SETTLE } from './frame.ts'

interface Frame {
  readonly command: number
  readonly body: Buffer
}

test('FrameDecoder.push() gives the same frames wherever the stream is cut', () => {
  const frames = [frame(PRODUCE, 1), frame(SETTLE, 300), frame(ACQUIRE_NEXT, 2), frame(9, 40)]
  const stream = Buffer.concat(frames.map(encode))

  for (let cut = 0; cut <= stream.length; cut += 1) {
    const chunks = [stream.subarray(0, cut), stream.subarray(cut)]
    expect(decode(chunks), `cut at byte ${cut}`).toEqual(frames)
  }
})

test('FrameDecoder.push() gives the same frames when every byte comes alone', () => {
  const frames = [frame(PRODUCE, 1), frame(SETTLE, 70_000), frame(ACQUIRE_NEXT, 12)]
  const stream = Buffer.concat(frames.map(encode))

  expect(decode(Array.from(stream, byte => Buffer.of(byte)))).toEqual(frames)
})

test('FrameDecoder.push() gives a frame beyond 64 KiB cut around each of its borders', () => {
  const frames = [frame(PRODUCE, 3), frame(ACQUIRE_NEXT, 200_000), frame(SETTLE, 5)]
  const stream = Buffer.concat(frames.map(encode))
  const borders = [0, 9, 9 + 65_536, 9 + 200_006, stream.length]

  for (const border of borders) {
    for (let cut = Math.max(border - 8, 0); cut <= Math.min(border + 8, stream.length); cut += 1) {
      const received = decode([stream.subarray(0, cut), stream.subarray(cut)])
      expect(Buffer.concat(received.map(encode)).equals(stream), `cut at byte ${cut}`).toBe(true)
    }
  }
})

test('FrameDecoder.push() gives the same frames for any frames and any cuts', () => {
  const anyFrame = fc.record({
    command: fc.integer({ min: 0, max: 255 }),
    body: fc.uint8Array({ minLength: 1, maxLength: 600 }).map(bytes => Buffer.from(bytes)),
  })
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 8 }), fc.array(fc.nat(5000)), (frames, cuts) => {
      expect(decode(split(Buffer.concat(frames.map(encode)), cuts))).toEqual(frames)
    }),
  )
})

test('FrameDecoder.push() copies each byte a bounded number of times, however it is cut', () => {
  const stream = encode(frame(PRODUCE, 1024 * 1024))
  const copy = vi.spyOn(Buffer.prototype, 'copy')
  try {
    for (const chunkBytes of [64, 1000, 65_536, 1024 * 1024]) {
      const chunks: Buffer[] = []
      for (let at = 0; at < stream.length; at += chunkBytes) {
        chunks.push(stream.subarray(at, at + chunkBytes))
      }
      copy.mockClear()
      const decoder = new FrameDecoder(() => {})
      for (const chunk of chunks) decoder.push(chunk)

      const copied = copy.mock.results.reduce((sum, { value }) => sum + Number(value), 0)
      // Once into the tail, and while that doubles at most twice more.
      expect(copied, `in chunks of ${chunkBytes}`).toBeLessThanOrEqual(3 * stream.length)
      // Two for the header that it does not have yet, one for each chunk and each doubling.
      expect(copy.mock.calls.length).toBeLessThanOrEqual(chunks.length + 2 + 20)
    }
  } finally {
    copy.mockRestore()
  }
})

test('FrameDecoder.push() hands on frames in place when a chunk holds them whole', () => {
  const stream = Buffer.concat([encode(frame(PRODUCE, 10)), encode(frame(SETTLE, 10))])
  const seen: Buffer[] = []
  const decoder = new FrameDecoder((_command, bytes) => seen.push(bytes))

  decoder.push(stream)

  expect(seen.every(bytes => bytes === stream)).toBe(true)
  expect(decoder.pendingBytes).toBe(0)
})

test('FrameDecoder.push() refuses a frame over the limit by its header, before it buffers', () => {
  const decoder = new FrameDecoder(() => {}, { lengthMax: 100 })

  const thrown = thrownBy(() => decoder.push(header(101, 1, PRODUCE)))

  expect(thrown).toMatchObject({ code: 'FRAME_TOO_LARGE', command: PRODUCE })
  expect(thrown.message).toBe('Cannot read a frame of 101 bytes: the limit is 100')
  expect(decoder.pendingBytes).toBe(0)
})

test('FrameDecoder.push() refuses a frame over the limit that comes byte by byte', () => {
  const decoder = new FrameDecoder(() => {}, { lengthMax: 100 })
  const bytes = header(0xffffffff, 1, ACQUIRE_NEXT)

  for (let at = 0; at < 5; at += 1) decoder.push(bytes.subarray(at, at + 1))
  const thrown = thrownBy(() => decoder.push(bytes.subarray(5)))

  expect(thrown).toMatchObject({ code: 'FRAME_TOO_LARGE', command: ACQUIRE_NEXT })
  expect(decoder.pendingBytes).toBeLessThanOrEqual(6)
})

test('FrameDecoder.push() accepts a frame of exactly the limit', () => {
  const largest = frame(PRODUCE, 98)
  expect(decode([encode(largest)], 100)).toEqual([largest])
})

test('FrameDecoder.pendingBytes grows with what arrived, not with what was declared', () => {
  const decoder = new FrameDecoder(() => {})
  decoder.push(header(10 * 1024 * 1024, 1, PRODUCE))
  decoder.push(Buffer.alloc(1000))
  expect(decoder.pendingBytes).toBe(1006)
})

test.each([
  { length: 0, command: undefined },
  { length: 1, command: undefined },
  { length: 2, command: SETTLE },
])('FrameDecoder.push() refuses a frame of length $length', ({ length, command }) => {
  const bytes = header(length, 1, SETTLE)
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const thrown = thrownBy(() => decode([bytes.subarray(0, cut), bytes.subarray(cut)]))
    expect(thrown, `cut at byte ${cut}`).toMatchObject({ code: 'FRAME_INVALID', command })
    expect(thrown.message).toBe(`Cannot read a frame of ${length} bytes: the least is 3`)
  }
})

test.each([0, 2, 255])('FrameDecoder.push() refuses version %i', version => {
  const thrown = thrownBy(() => decode([header(20, version, ACQUIRE_NEXT)]))
  expect(thrown).toMatchObject({ code: 'FRAME_INVALID', command: ACQUIRE_NEXT })
  expect(thrown.message).toContain(`of version ${version}`)
})

test('FrameDecoder.push() hands on the frames before a broken one', () => {
  const received: Frame[] = []
  const decoder = collecting(received)
  const stream = Buffer.concat([encode(frame(PRODUCE, 4)), header(2, 1, SETTLE)])

  expect(() => decoder.push(stream)).toThrow(FrameError)
  expect(received).toEqual([frame(PRODUCE, 4)])
})

test('FrameDecoder.pause() keeps the frames behind the current one until resume()', () => {
  const frames = [frame(PRODUCE, 5), frame(SETTLE, 5), frame(ACQUIRE_NEXT, 5), frame(9, 5)]
  const stream = Buffer.concat(frames.map(encode))

  for (let cut = 0; cut <= stream.length; cut += 1) {
    const received: Frame[] = []
    const decoder = new FrameDecoder((command, bytes, start, end) => {
      received.push({ command, body: Buffer.from(bytes.subarray(start, end)) })
      decoder.pause()
    })
    decoder.push(stream.subarray(0, cut))
    decoder.push(stream.subarray(cut))
    for (let resumed = 1; resumed < frames.length; resumed += 1) {
      expect(received, `cut at byte ${cut}`).toEqual(frames.slice(0, resumed))
      expect(decoder.isPaused).toBe(true)
      decoder.resume()
    }
    expect(received, `cut at byte ${cut}`).toEqual(frames)
    decoder.resume()
    expect(decoder.isPaused).toBe(false)
    expect(decoder.pendingBytes).toBe(0)
  }
})

function frame(command: number, bodyBytes: number): Frame {
  return { command, body: Buffer.from(Array.from({ length: bodyBytes }, (_, at) => at % 251)) }
}

function encode({ command, body }: Frame): Buffer {
  return Buffer.concat([header(body.length + 2, 1, command), body])
}

function header(length: number, version: number, command: number): Buffer {
  const bytes = Buffer.of(0, 0, 0, 0, version, command)
  bytes.writeUInt32BE(length)
  return bytes
}

function decode(chunks: readonly Buffer[], lengthMax?: number): Frame[] {
  const received: Frame[] = []
  const decoder = collecting(received, lengthMax)
  for (const chunk of chunks) decoder.push(chunk)
  expect(decoder.pendingBytes).toBe(0)
  return received
}

function collecting(received: Frame[], lengthMax?: number): FrameDecoder {
  return new FrameDecoder(
    (command, bytes, start, end) => {
      received.push({ command, body: Buffer.from(bytes.subarray(start, end)) })
    },
    lengthMax === undefined ? {} : { lengthMax },
  )
}

function split(stream: Buffer, cuts: readonly number[]): Buffer[] {
  const borders = [...cuts.filter(cut => cut < stream.length).sort((a, b) => a - b), stream.length]
  let start = 0
  return borders.map(end => {
    const chunk = stream.subarray(start, end)
    start = end
    return chunk
  })
}

function thrownBy(act: () => unknown): FrameError {
  try {
    act()
  } catch (thrown) {
    expect.assert(thrown instanceof FrameError)
    return thrown
  }
  throw new Error('Nothing was thrown')
}
