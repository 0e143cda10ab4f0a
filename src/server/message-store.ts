import type { StoredMessage } from '../wire/answer-writer.ts'
import { copyBytes, type ViewedBytes, viewed, viewOf } from '../wire/template.ts'
import { segmentedWords } from './segmented-array.ts'

/** The first chunk of a log is small, as most logs are; each next one doubles up to the maximum. */
const CHUNK_BYTES_MIN = 64 * 1024
const CHUNK_BYTES_MAX = 16 * 1024 * 1024
/** Payload length and metadata length, before the bytes of a message. */
const LENGTHS_BYTES = 8

interface Chunk {
  readonly stored: ViewedBytes
  readonly bytes: number
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
    stored: viewed(Buffer.alloc(0)),
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
    bytes: Buffer,
    payload: { readonly start: number; readonly end: number },
    metadata: { readonly start: number; readonly end: number },
  ): number {
    const payloadBytes = payload.end - payload.start
    const metadataBytes = metadata.start < 0 ? 0 : metadata.end - metadata.start
    const chunk = this.#chunkFor(LENGTHS_BYTES + payloadBytes + metadataBytes)
    const { stored } = chunk
    const from = viewOf(bytes)
    let at = chunk.used
    this.#offsets.set(this.#count, at)
    stored.view.setUint32(at, payloadBytes)
    stored.view.setUint32(at + 4, metadataBytes)
    at = copyBytes(from, payload.start, payload.end, stored, at + LENGTHS_BYTES)
    if (metadataBytes > 0) at = copyBytes(from, metadata.start, metadata.end, stored, at)
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
    read.stored = chunk.stored
    read.start = at + LENGTHS_BYTES
    read.payloadBytes = chunk.stored.view.getUint32(at)
    read.metadataBytes = chunk.stored.view.getUint32(at + 4)
    return read
  }

  #chunkFor(bytes: number): Chunk {
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.bytes - last.used >= bytes) return last
    const doubled = Math.min((last?.bytes ?? CHUNK_BYTES_MIN / 2) * 2, CHUNK_BYTES_MAX)
    const chunkBytes = Math.max(doubled, bytes)
    const chunk: Chunk = {
      stored: viewed(Buffer.allocUnsafeSlow(chunkBytes)),
      bytes: chunkBytes,
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
