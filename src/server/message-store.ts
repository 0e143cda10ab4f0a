import type { StoredMessage } from '../wire/answer-writer.ts'
import { segmentedWords } from './segmented-array.ts'

/** The first chunk of a log is small, as most logs are; each next one doubles up to the maximum. */
const CHUNK_BYTES_MIN = 64 * 1024
const CHUNK_BYTES_MAX = 16 * 1024 * 1024
/** Payload length and metadata length, before the bytes of a message. */
const LENGTHS_BYTES = 8

interface Chunk {
  readonly bytes: Buffer
  readonly firstId: number
  used: number
}

/** What `read` returns; overwritten by the next call. */
type ReadMessage = { -readonly [Key in keyof StoredMessage]: StoredMessage[Key] }

/**
 * The bytes of a log's messages, encoded as they came, in large chunks: 12 bytes a message beyond
 * its own, and nothing for the garbage collector to visit.
 */
export class MessageStore {
  readonly #chunks: Chunk[] = []
  /** Offset of each message within its chunk. */
  readonly #offsets = segmentedWords()
  readonly #read: ReadMessage = {
    bytes: Buffer.alloc(0),
    start: 0,
    payloadBytes: 0,
    metadataBytes: 0,
  }
  #count = 0
  /** The chunk that was read last: messages are mostly read in order. */
  #lastChunk = 0

  get count(): number {
    return this.#count
  }

  /** Copies the given ranges; returns the id of the message. */
  append(
    bytes: Uint8Array,
    payload: { readonly start: number; readonly end: number },
    metadata: { readonly start: number; readonly end: number },
  ): number {
    const payloadBytes = payload.end - payload.start
    const metadataBytes = metadata.start < 0 ? 0 : metadata.end - metadata.start
    const chunk = this.#chunkFor(LENGTHS_BYTES + payloadBytes + metadataBytes)
    const target = chunk.bytes
    let at = chunk.used
    this.#offsets.set(this.#count, at)
    at = target.writeUInt32LE(payloadBytes, at)
    at = target.writeUInt32LE(metadataBytes, at)
    at = copyRange(bytes, payload.start, payload.end, target, at)
    if (metadataBytes > 0) at = copyRange(bytes, metadata.start, metadata.end, target, at)
    chunk.used = at
    this.#count += 1
    return this.#count - 1
  }

  /** Throws a RangeError unless `id` is below `count`. The result is valid until the next call. */
  read(id: number): StoredMessage {
    if (id >= this.#count) throw new RangeError(`There is no message ${id}`)
    const chunk = this.#chunkOf(id)
    const at = this.#offsets.get(id)
    const read = this.#read
    read.bytes = chunk.bytes
    read.start = at + LENGTHS_BYTES
    read.payloadBytes = chunk.bytes.readUInt32LE(at)
    read.metadataBytes = chunk.bytes.readUInt32LE(at + 4)
    return read
  }

  #chunkFor(bytes: number): Chunk {
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.bytes.length - last.used >= bytes) return last
    const doubled = Math.min((last?.bytes.length ?? CHUNK_BYTES_MIN / 2) * 2, CHUNK_BYTES_MAX)
    const chunk: Chunk = {
      bytes: Buffer.allocUnsafeSlow(Math.max(doubled, bytes)),
      firstId: this.#count,
      used: 0,
    }
    this.#chunks.push(chunk)
    return chunk
  }

  #chunkOf(id: number): Chunk {
    const last = this.#chunks[this.#lastChunk]
    const next = this.#chunks[this.#lastChunk + 1]
    if (last !== undefined && id >= last.firstId && (next === undefined || id < next.firstId)) {
      return last
    }
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.#chunks[middle]?.firstId ?? 0) <= id) low = middle
      else high = middle - 1
    }
    this.#lastChunk = low
    const found = this.#chunks[low]
    if (found === undefined) throw new RangeError(`There is no message ${id}`)
    return found
  }
}

/** Below this, a loop beats the fixed cost of a native copy. */
const LOOP_COPY_BYTES = 48

function copyRange(
  source: Uint8Array,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number {
  if (end - start >= LOOP_COPY_BYTES) target.set(source.subarray(start, end), at)
  else
    for (let from = start, to = at; from < end; from += 1, to += 1) target[to] = source[from] ?? 0
  return at + end - start
}
