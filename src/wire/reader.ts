import { BenchError } from '../errors.ts'

/** Containers within containers; what Python's decoder reads at most. */
export const DEPTH_MAX = 1024

const TWO_TO_32 = 4294967296

/** How many values each open container still lacks, outermost first; used within one `skip`. */
const OPEN = new Float64Array(DEPTH_MAX)

/**
 * Walks over one MessagePack body without decoding it: values are skipped, compared or read where
 * they lie, nothing is allocated, and no declared length is trusted beyond the bytes at hand.
 *
 * One reader serves a whole connection: `reset` puts it on the next body. Every method throws
 * `MESSAGEPACK_INVALID` when the value is not whole or not of the asked kind.
 */
export class MessagePackReader {
  #bytes: Buffer = Buffer.alloc(0)
  #end = 0
  #offset = 0
  /** The range of the text that `readString` read last. */
  stringStart = 0
  stringEnd = 0

  reset(bytes: Buffer, start: number, end: number): void {
    // Storing the same object again would cost more than asking.
    if (this.#bytes !== bytes) this.#bytes = bytes
    this.#offset = start
    this.#end = end
  }

  get offset(): number {
    return this.#offset
  }

  get atEnd(): boolean {
    return this.#offset === this.#end
  }

  /** The first byte of the next value, which tells its kind. */
  peek(): number {
    this.#need(1)
    return this.#bytes[this.#offset] ?? 0
  }

  peekIsNil(): boolean {
    return this.peek() === 0xc0
  }

  peekIsString(): boolean {
    const head = this.peek()
    return (head >= 0xa0 && head <= 0xbf) || (head >= 0xd9 && head <= 0xdb)
  }

  peekIsMap(): boolean {
    const head = this.peek()
    return (head >= 0x80 && head <= 0x8f) || head === 0xde || head === 0xdf
  }

  peekIsInteger(): boolean {
    const head = this.peek()
    return head <= 0x7f || head >= 0xe0 || (head >= 0xcc && head <= 0xd3)
  }

  peekIsFloat(): boolean {
    const head = this.peek()
    return head === 0xca || head === 0xcb
  }

  peekIsBoolean(): boolean {
    const head = this.peek()
    return head === 0xc2 || head === 0xc3
  }

  /** The number of pairs; the keys and values follow. */
  readMapSize(): number {
    const head = this.peek()
    if (head >= 0x80 && head <= 0x8f) {
      this.#offset += 1
      return head & 0x0f
    }
    if (head === 0xde) return this.#lengthField(2)
    if (head === 0xdf) return this.#lengthField(4)
    throw invalid(`a map was expected at byte ${this.#offset}`)
  }

  /** Leaves the range of the text in `stringStart` and `stringEnd`. */
  readString(): void {
    const head = this.peek()
    let length: number
    if (head >= 0xa0 && head <= 0xbf) {
      this.#offset += 1
      length = head & 0x1f
    } else if (head >= 0xd9 && head <= 0xdb) {
      length = this.#lengthField(1 << (head - 0xd9))
    } else {
      throw invalid(`a string was expected at byte ${this.#offset}`)
    }
    this.#need(length)
    this.stringStart = this.#offset
    this.#offset += length
    this.stringEnd = this.#offset
  }

  /** Whether the string read last is exactly `text`. */
  stringIs(text: Uint8Array): boolean {
    const start = this.stringStart
    if (this.stringEnd - start !== text.length) return false
    for (let index = 0; index < text.length; index += 1) {
      if (this.#bytes[start + index] !== text[index]) return false
    }
    return true
  }

  /** Any integer or float form. Integers beyond 2^53 come rounded, so not as safe integers. */
  readNumber(): number {
    const head = this.peek()
    if (head <= 0x7f) {
      this.#offset += 1
      return head
    }
    if (head >= 0xe0) {
      this.#offset += 1
      return head - 0x100
    }
    if (head < 0xca || head > 0xd3) throw invalid(`a number was expected at byte ${this.#offset}`)
    const bytes = NUMBER_BYTES[head - 0xca] ?? 0
    this.#need(1 + bytes)
    const at = this.#offset + 1
    this.#offset = at + bytes
    return this.#numberAt(head, at)
  }

  readBoolean(): boolean {
    const head = this.peek()
    if (!this.peekIsBoolean()) throw invalid(`a boolean was expected at byte ${this.#offset}`)
    this.#offset += 1
    return head === 0xc3
  }

  /** Passes over one value of any kind, as deep as `DEPTH_MAX`. */
  skip(): void {
    let children = this.#skipHead()
    if (children === 0) return
    let depth = 0
    for (;;) {
      while (children === 0) {
        if (depth === 0) return
        depth -= 1
        children = OPEN[depth] ?? 0
      }
      children -= 1
      // An empty container is one level more as well.
      if (depth + 1 === DEPTH_MAX && isContainer(this.peek())) {
        throw invalid(`it is nested deeper than ${DEPTH_MAX}`)
      }
      const inner = this.#skipHead()
      if (inner === 0) continue
      OPEN[depth] = children
      depth += 1
      children = inner
    }
  }

  /** Passes over a scalar, or over the head of a container; returns how many values it holds. */
  #skipHead(): number {
    const head = this.peek()
    if (head <= 0x7f || head >= 0xe0) return this.#pass(1)
    if (head <= 0x8f) return this.#pass(1) + 2 * (head & 0x0f)
    if (head <= 0x9f) return this.#pass(1) + (head & 0x0f)
    if (head <= 0xbf) return this.#pass(1 + (head & 0x1f))
    switch (head) {
      case 0xc0:
      case 0xc2:
      case 0xc3:
        return this.#pass(1)
      case 0xc4:
      case 0xd9:
        return this.#passLengthed(1, 0)
      case 0xc5:
      case 0xda:
        return this.#passLengthed(2, 0)
      case 0xc6:
      case 0xdb:
        return this.#passLengthed(4, 0)
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#passLengthed(1 << (head - 0xc7), 1)
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#pass(2 + (1 << (head - 0xd4)))
      case 0xdc:
        return this.#lengthField(2)
      case 0xdd:
        return this.#lengthField(4)
      case 0xde:
        return 2 * this.#lengthField(2)
      case 0xdf:
        return 2 * this.#lengthField(4)
      case 0xc1:
        throw invalid(`byte ${this.#offset} is 0xc1, which is never used`)
      default:
        return this.#pass(1 + (NUMBER_BYTES[head - 0xca] ?? 0))
    }
  }

  #pass(bytes: number): 0 {
    this.#need(bytes)
    this.#offset += bytes
    return 0
  }

  #passLengthed(lengthBytes: number, typeBytes: number): 0 {
    const length = this.#lengthField(lengthBytes)
    return this.#pass(typeBytes + length)
  }

  #lengthField(lengthBytes: number): number {
    this.#need(1 + lengthBytes)
    const at = this.#offset + 1
    this.#offset = at + lengthBytes
    if (lengthBytes === 1) return this.#bytes[at] ?? 0
    return lengthBytes === 2 ? this.#bytes.readUInt16BE(at) : this.#bytes.readUInt32BE(at)
  }

  #numberAt(head: number, at: number): number {
    const bytes = this.#bytes
    switch (head) {
      case 0xca:
        return bytes.readFloatBE(at)
      case 0xcb:
        return bytes.readDoubleBE(at)
      case 0xcc:
        return bytes.readUInt8(at)
      case 0xcd:
        return bytes.readUInt16BE(at)
      case 0xce:
        return bytes.readUInt32BE(at)
      case 0xcf:
        return bytes.readUInt32BE(at) * TWO_TO_32 + bytes.readUInt32BE(at + 4)
      case 0xd0:
        return bytes.readInt8(at)
      case 0xd1:
        return bytes.readInt16BE(at)
      case 0xd2:
        return bytes.readInt32BE(at)
      default:
        return bytes.readInt32BE(at) * TWO_TO_32 + bytes.readUInt32BE(at + 4)
    }
  }

  #need(bytes: number): void {
    if (this.#offset + bytes > this.#end) {
      throw invalid(`it ends in the middle of the value at byte ${this.#offset}`)
    }
  }
}

function isContainer(head: number): boolean {
  return (head >= 0x80 && head <= 0x9f) || (head >= 0xdc && head <= 0xdf)
}

/** Bytes after the head of float 32, float 64, uint 8 to 64 and int 8 to 64, from 0xca on. */
const NUMBER_BYTES: readonly number[] = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8]

function invalid(reason: string): BenchError {
  return new BenchError('MESSAGEPACK_INVALID', `Cannot read a MessagePack body: ${reason}`)
}
