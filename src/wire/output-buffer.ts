import { FRAME_HEADER_BYTES, LENGTH_FIELD_BYTES, PROTOCOL_VERSION } from './frame.ts'
import { copyBytes, Template, type ViewedBytes, viewed } from './template.ts'

/**
 * Large enough for hundreds of small frames, and kept across writes: a fresh buffer for every
 * small write halves the throughput of a connection.
 */
const CHUNK_BYTES = 64 * 1024

const EMPTY = viewed(Buffer.alloc(0))

/** Below this, a loop beats the fixed cost of a native copy. */
const LOOP_COPY_BYTES = 48

/** What takes the bytes of an `OutputBuffer`. */
export interface OutputSink {
  /** Returns whether the bytes have left already; else it keeps them, and they stay as they are. */
  write(bytes: Buffer): boolean
}

/**
 * Frames waiting to be written. As long as each write is out at once, the next frames are built
 * where the last ones stood, in memory that is warm; else they continue behind it, and the memory is
 * replaced when it is used up.
 *
 * Connections that write in turn can share one, so that many of them need no memory of their own.
 */
export class OutputBuffer {
  #to = viewed(Buffer.allocUnsafeSlow(CHUNK_BYTES))
  #start = 0
  #end = 0
  #frameStart = 0
  /** Whether somebody still has bytes of this memory. */
  #isKept = false

  /** Bytes added since the last `send` or `take`. */
  get pendingBytes(): number {
    return this.#end - this.#start
  }

  /** Gives what was added to the sink, in one write. */
  send(sink: OutputSink): void {
    const wasKept = this.#isKept
    const memory = this.#to
    const hasLeft = sink.write(this.take())
    // The sink may have added to us before it returned.
    if (!hasLeft || wasKept || this.#to !== memory || this.pendingBytes > 0) return
    this.#isKept = false
    this.#start = this.#end = 0
  }

  /** What was added since the last call; it stays as it is. */
  take(): Buffer {
    const taken = this.#to.bytes.subarray(this.#start, this.#end)
    this.#start = this.#end
    this.#isKept = true
    // What a large frame took is let go with it, or an idle connection would hold it for good.
    if (this.#to.bytes.length > CHUNK_BYTES) this.#replace(EMPTY)
    return taken
  }

  /** Forgets what was added since the last `send` or `take`. */
  discard(): void {
    this.#end = this.#start
  }

  /** Opens a frame whose body takes at most `bodyBytesMax`; close it with `endFrame`. */
  beginFrame(command: number, bodyBytesMax: number): void {
    this.#reserve(FRAME_HEADER_BYTES + bodyBytesMax)
    this.#frameStart = this.#end
    this.#to.bytes[this.#end + 4] = PROTOCOL_VERSION
    this.#to.bytes[this.#end + 5] = command
    this.#end += FRAME_HEADER_BYTES
  }

  endFrame(): void {
    const length = this.#end - this.#frameStart - LENGTH_FIELD_BYTES
    this.#to.view.setUint32(this.#frameStart, length)
  }

  /** A whole frame, as `frameTemplate` makes it. */
  frame(template: Template): void {
    this.#reserve(template.length)
    this.template(template)
  }

  template(template: Template): void {
    this.#end = template.write(this.#to.view, this.#end)
  }

  byte(value: number): void {
    this.#to.bytes[this.#end] = value
    this.#end += 1
  }

  raw(source: Uint8Array, start = 0, end = source.length): void {
    const length = end - start
    if (length < LOOP_COPY_BYTES) {
      const target = this.#to.bytes
      let at = this.#end
      for (let index = start; index < end; index += 1) {
        target[at] = source[index] ?? 0
        at += 1
      }
    } else {
      this.#to.bytes.set(
        end - start === source.length ? source : source.subarray(start, end),
        this.#end,
      )
    }
    this.#end += length
  }

  copy(source: ViewedBytes, start: number, end: number): void {
    this.#end = copyBytes(source, start, end, this.#to, this.#end)
  }

  /** Lets `write` put at most what was reserved at the offset it is given; it returns the end. */
  fill(write: (target: Buffer, offset: number) => number): void {
    this.#end = write(this.#to.bytes, this.#end)
  }

  /** A non-negative integer in its shortest MessagePack form. */
  unsigned(value: number): void {
    this.#end = writeUnsigned(this.#to.bytes, this.#end, value)
  }

  /** A MessagePack string of bytes that are UTF-8 already. */
  text(utf8: Uint8Array, start = 0, end = utf8.length): void {
    this.#end = writeStringHead(this.#to.bytes, this.#end, end - start)
    this.raw(utf8, start, end)
  }

  #reserve(bytes: number): void {
    if (this.#to.bytes.length - this.#end >= bytes) return
    const pending = this.#end - this.#start
    // Doubles while frames pile up unsent, so that moving them stays linear.
    const grown = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, pending * 2, pending + bytes))
    this.#to.bytes.copy(grown, 0, this.#start, this.#end)
    this.#replace(viewed(grown))
    this.#end = pending
  }

  #replace(memory: ViewedBytes): void {
    this.#to = memory
    this.#start = this.#end = 0
    this.#isKept = false
  }
}

/** A frame that is always the same. */
export function frameTemplate(command: number, body: Uint8Array): Template {
  const head = Buffer.alloc(FRAME_HEADER_BYTES)
  head.writeUInt32BE(FRAME_HEADER_BYTES - LENGTH_FIELD_BYTES + body.length)
  head[4] = PROTOCOL_VERSION
  head[5] = command
  return new Template(Buffer.concat([head, body]))
}

/** Head byte and up to eight bytes of value. */
export const INTEGER_BYTES_MAX = 9
/** Head byte and up to four bytes of length. */
export const STRING_HEAD_BYTES_MAX = 5

export function writeUnsigned(target: Buffer, offset: number, value: number): number {
  if (value <= 0x7f) {
    target[offset] = value
    return offset + 1
  }
  if (value <= 0xff) {
    target[offset] = 0xcc
    target[offset + 1] = value
    return offset + 2
  }
  if (value <= 0xffff) {
    target[offset] = 0xcd
    target[offset + 1] = value >>> 8
    target[offset + 2] = value & 0xff
    return offset + 3
  }
  if (value <= 0xffffffff) {
    target[offset] = 0xce
    return target.writeUInt32BE(value, offset + 1)
  }
  target[offset] = 0xcf
  target.writeUInt32BE(Math.floor(value / 4294967296), offset + 1)
  return target.writeUInt32BE(value % 4294967296, offset + 5)
}

export function writeStringHead(target: Buffer, offset: number, length: number): number {
  if (length <= 0x1f) {
    target[offset] = 0xa0 | length
    return offset + 1
  }
  if (length <= 0xff) {
    target[offset] = 0xd9
    target[offset + 1] = length
    return offset + 2
  }
  if (length <= 0xffff) {
    target[offset] = 0xda
    return target.writeUInt16BE(length, offset + 1)
  }
  target[offset] = 0xdb
  return target.writeUInt32BE(length, offset + 1)
}
