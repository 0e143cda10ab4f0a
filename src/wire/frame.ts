import { BenchError, type ErrorCode } from '../errors.ts'

export const PROTOCOL_VERSION = 1

export const PRODUCE = 1
export const ACQUIRE_NEXT = 2
export const SETTLE = 3
/** Any command byte can arrive; these are the ones that mean something. */
export type Command = typeof PRODUCE | typeof ACQUIRE_NEXT | typeof SETTLE

/** Length field, version, command. */
export const FRAME_HEADER_BYTES = 6
export const LENGTH_FIELD_BYTES = 4
/** Version, command, and the smallest possible body. */
const FRAME_LENGTH_MIN = 3
/** The largest value of the length field that the protocol allows. */
export const FRAME_LENGTH_MAX = 10 * 1024 * 1024

/** Tails up to this size are kept for the next unfinished frame; a larger one is let go. */
const TAIL_KEPT_BYTES = 64 * 1024

/**
 * The stream cannot be read further. `command` is there when its byte was read, because then the
 * protocol wants an error answer before the connection is closed.
 */
export class FrameError extends BenchError {
  readonly command: number | undefined

  constructor(code: ErrorCode, message: string, command?: number) {
    super(code, message)
    this.name = 'FrameError'
    this.command = command
  }
}

/** Receives one frame; `bytes` holds it only until the call returns. */
export type FrameSink = (command: number, bytes: Buffer, bodyStart: number, bodyEnd: number) => void

/**
 * Cuts a byte stream into frames. Whole frames are handed on where they lie in the chunk; only an
 * unfinished tail is copied, each byte once, however the stream was cut.
 *
 * A decoder that threw has lost the frame boundary: drop it together with its connection.
 */
export class FrameDecoder {
  readonly #lengthMax: number
  readonly #sink: FrameSink
  #tail: Buffer = Buffer.alloc(0)
  #tailBytes = 0
  #isPaused = false
  /** What arrived but waits for `resume`. */
  readonly #held: Buffer[] = []

  constructor(sink: FrameSink, options: { readonly lengthMax?: number } = {}) {
    this.#sink = sink
    this.#lengthMax = options.lengthMax ?? FRAME_LENGTH_MAX
  }

  /** Bytes of an unfinished frame; 0 when the stream stands at a frame boundary. */
  get pendingBytes(): number {
    return this.#tailBytes
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Hands every frame that `chunk` completes to the sink, in order of arrival. */
  push(chunk: Buffer): void {
    if (this.#isPaused) this.#held.push(Buffer.from(chunk))
    else this.#cut(chunk)
  }

  /**
   * Called by a sink that cannot take more now: all frames behind the one it was given wait for
   * `resume`, in a copy.
   */
  pause(): void {
    this.#isPaused = true
  }

  /** Hands on what waited, until the sink pauses again. */
  resume(): void {
    this.#isPaused = false
    while (!this.#isPaused) {
      const chunk = this.#held.shift()
      if (chunk === undefined) return
      this.#cut(chunk)
    }
  }

  #cut(chunk: Buffer): void {
    let start = this.#tailBytes === 0 ? 0 : this.#completeTail(chunk)
    while (start < chunk.length && !this.#isPaused) {
      const frameBytes = this.#frameBytes(chunk, start, chunk.length - start)
      if (frameBytes === 0 || start + frameBytes > chunk.length) break
      this.#emit(chunk, start, frameBytes)
      start += frameBytes
    }
    if (start === chunk.length) return
    if (this.#isPaused) this.#held.unshift(Buffer.from(chunk.subarray(start)))
    else this.#keepTail(chunk, start, chunk.length)
  }

  /** Moves the rest of the unfinished frame out of `chunk`; returns how far it reached. */
  #completeTail(chunk: Buffer): number {
    let start = 0
    let frameBytes = this.#frameBytes(this.#tail, 0, this.#tailBytes)
    if (frameBytes === 0) {
      start = Math.min(FRAME_HEADER_BYTES - this.#tailBytes, chunk.length)
      this.#keepTail(chunk, 0, start)
      frameBytes = this.#frameBytes(this.#tail, 0, this.#tailBytes)
      if (frameBytes === 0) return start
    }
    const end = Math.min(start + frameBytes - this.#tailBytes, chunk.length)
    this.#keepTail(chunk, start, end)
    if (this.#tailBytes < frameBytes) return end
    this.#tailBytes = 0
    this.#emit(this.#tail, 0, frameBytes)
    if (this.#tail.length > TAIL_KEPT_BYTES) this.#tail = Buffer.alloc(0)
    return end
  }

  /** Size of the frame at `start` with its header, or 0 while too little of it is there to tell. */
  #frameBytes(bytes: Buffer, start: number, available: number): number {
    if (available < LENGTH_FIELD_BYTES) return 0
    const length = bytes.readUInt32BE(start)
    const command = available >= FRAME_HEADER_BYTES && length >= 2 ? bytes[start + 5] : undefined
    // A frame this short has no command byte to wait for.
    if (length < 2) throw tooShort(length)
    if (command === undefined) return 0
    if (length < FRAME_LENGTH_MIN) throw tooShort(length, command)
    // Checked before the body arrives, so that a corrupt length cannot make us buffer it.
    if (length > this.#lengthMax) {
      const message = `Cannot read a frame of ${length} bytes: the limit is ${this.#lengthMax}`
      throw new FrameError('FRAME_TOO_LARGE', message, command)
    }
    const version = bytes[start + 4]
    if (version !== PROTOCOL_VERSION) {
      const message = `Cannot read a frame of version ${version}: only version ${PROTOCOL_VERSION} is known`
      throw new FrameError('FRAME_INVALID', message, command)
    }
    return LENGTH_FIELD_BYTES + length
  }

  #emit(bytes: Buffer, start: number, frameBytes: number): void {
    this.#sink(bytes[start + 5] ?? 0, bytes, start + FRAME_HEADER_BYTES, start + frameBytes)
  }

  #keepTail(chunk: Buffer, start: number, end: number): void {
    const needed = this.#tailBytes + end - start
    if (needed > this.#tail.length) {
      // Grows with what has arrived, never by what the length field promises.
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#tail.length * 2, 256))
      this.#tail.copy(grown, 0, 0, this.#tailBytes)
      this.#tail = grown
    }
    chunk.copy(this.#tail, this.#tailBytes, start, end)
    this.#tailBytes = needed
  }
}

function tooShort(length: number, command?: number): FrameError {
  const message = `Cannot read a frame of ${length} bytes: the least is ${FRAME_LENGTH_MIN}`
  return new FrameError('FRAME_INVALID', message, command)
}
