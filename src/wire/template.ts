/**
 * Bytes that are written or looked for again and again, also as words: four bytes at a time cost a
 * quarter of one at a time, and a native copy or comparison of so few costs more than either.
 */
export class Template {
  readonly bytes: Buffer
  readonly length: number
  readonly #words: Int32Array
  readonly #rest: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes)
    this.length = bytes.length
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.length)
    const words = this.length >>> 2
    this.#words = Int32Array.from({ length: words }, (_, index) => view.getInt32(4 * index, true))
    this.#rest = Uint8Array.from(this.bytes.subarray(4 * words))
  }

  /** Writes all of it at `offset` of the view; returns the offset behind it. */
  write(view: DataView, offset: number): number {
    const words = this.#words
    let at = offset
    for (let index = 0; index < words.length; index += 1) {
      view.setInt32(at, words[index] ?? 0, true)
      at += 4
    }
    const rest = this.#rest
    for (let index = 0; index < rest.length; index += 1) {
      view.setUint8(at, rest[index] ?? 0)
      at += 1
    }
    return at
  }

  /** Whether it stands at `offset` of the view, which must reach as far. */
  standsAt(view: DataView, offset: number): boolean {
    const words = this.#words
    let at = offset
    for (let index = 0; index < words.length; index += 1) {
      if (view.getInt32(at, true) !== words[index]) return false
      at += 4
    }
    const rest = this.#rest
    for (let index = 0; index < rest.length; index += 1) {
      if (view.getUint8(at + index) !== rest[index]) return false
    }
    return true
  }
}

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
  for (; next + 4 <= end; next += 4) to.setInt32(next + shift, from.getInt32(next))
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
