/**
 * Bytes that are written or looked for again and again, eight at a time, which costs less than one
 * at a time or than a native call for so few.
 */
export class Template {
  readonly bytes: Buffer
  readonly length: number
  /** From the beginning on, and the last one to the end: it may repeat some of the one before. */
  readonly #words: Float64Array
  readonly #lastWordAt: number

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes)
    this.length = bytes.length
    this.#lastWordAt = this.length - WORD_BYTES
    const { view } = viewed(this.bytes)
    const words: number[] = []
    for (let at = 0; at < this.#lastWordAt; at += WORD_BYTES) words.push(view.getFloat64(at, true))
    if (this.#lastWordAt >= 0) words.push(view.getFloat64(this.#lastWordAt, true))
    // What is no number, or zero, has several forms: there, equal numbers are not equal bytes.
    const isExact = words.every(word => !Number.isNaN(word) && word !== 0)
    this.#words = Float64Array.from(isExact ? words : [])
  }

  /** Writes all of it at `offset` of the view; returns the offset behind it. */
  write(view: DataView, offset: number): number {
    const words = this.#words
    const last = words.length - 1
    if (last < 0) return this.#writeBytes(view, offset)
    let at = offset
    for (let index = 0; index < last; index += 1) {
      view.setFloat64(at, words[index] ?? 0, true)
      at += WORD_BYTES
    }
    view.setFloat64(offset + this.#lastWordAt, words[last] ?? 0, true)
    return offset + this.length
  }

  /** Whether it stands at `offset` of the view, which must reach as far. */
  standsAt(view: DataView, offset: number): boolean {
    const words = this.#words
    const last = words.length - 1
    if (last < 0) return this.#bytesStandAt(view, offset)
    let at = offset
    for (let index = 0; index < last; index += 1) {
      if (view.getFloat64(at, true) !== words[index]) return false
      at += WORD_BYTES
    }
    return view.getFloat64(offset + this.#lastWordAt, true) === words[last]
  }

  #writeBytes(view: DataView, offset: number): number {
    const { bytes, length } = this
    for (let index = 0; index < length; index += 1) view.setUint8(offset + index, bytes[index] ?? 0)
    return offset + length
  }

  #bytesStandAt(view: DataView, offset: number): boolean {
    const { bytes, length } = this
    for (let index = 0; index < length; index += 1) {
      if (view.getUint8(offset + index) !== bytes[index]) return false
    }
    return true
  }
}

const WORD_BYTES = 8

/** Bytes with a view of them, through which words are read and written wherever they stand. */
export interface ViewedBytes {
  readonly bytes: Buffer
  readonly view: DataView
}

/** Below this, copying by words beats the fixed cost of a native copy. */
const WORD_COPY_BYTES = 96

/** Copies a range of `source` to `at` in `target`; returns the offset behind it. */
export function copyBytes(
  source: ViewedBytes,
  start: number,
  end: number,
  target: ViewedBytes,
  at: number,
): number {
  const length = end - start
  if (length >= WORD_COPY_BYTES) return at + source.bytes.copy(target.bytes, at, start, end)
  const from = source.view
  const to = target.view
  const shift = at - start
  let next = start
  for (; next + 4 <= end; next += 4) to.setInt32(next + shift, from.getInt32(next, true), true)
  for (; next < end; next += 1) to.setUint8(next + shift, from.getUint8(next))
  return at + length
}

let last: ViewedBytes = viewed(Buffer.alloc(0))

export function viewed(bytes: Buffer): ViewedBytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) }
}

/** Like `viewed`; the last one is kept, since the frames of a chunk are asked for in a row. */
export function viewOf(bytes: Buffer): ViewedBytes {
  if (last.bytes !== bytes) last = viewed(bytes)
  return last
}
