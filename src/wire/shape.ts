import type { MessagePackReader } from './reader.ts'
import { Template, viewOf } from './template.ts'

/** Holes of one body at most. */
export const HOLES_MAX = 3

/** Where something constant stands: in which part, and how far behind its beginning. */
export interface Anchor {
  readonly part: number
  readonly start: number
  readonly end: number
}

/**
 * How a body was built: constant bytes with holes, the values that differ from body to body. A body
 * whose constant bytes are the same has the same keys and values at the same places, so that
 * comparing them, four bytes at a time, replaces reading them once more.
 */
export class Shape {
  readonly #parts: readonly Template[]
  /** Of the body that matched last, as offsets into its bytes; there is one part more than holes. */
  readonly partStarts = new Int32Array(HOLES_MAX + 1)
  readonly holeStarts = new Int32Array(HOLES_MAX)
  readonly holeEnds = new Int32Array(HOLES_MAX)

  /** `holes` are starts and ends of values within the body, in order. */
  constructor(bytes: Buffer, start: number, end: number, holes: readonly number[]) {
    const edges = [start, ...holes, end]
    this.#parts = edges.flatMap((edge, index) => {
      if (index % 2 > 0) return []
      this.partStarts[index / 2] = edge
      return [new Template(bytes.subarray(edge, edges[index + 1]))]
    })
  }

  /** Of a range outside of the holes, in the body that the shape was made from or matched last. */
  anchor(range: { readonly start: number; readonly end: number }): Anchor {
    let part = this.#parts.length - 1
    while (part > 0 && (this.partStarts[part] ?? 0) > range.start) part -= 1
    const partStart = this.partStarts[part] ?? 0
    return { part, start: range.start - partStart, end: range.end - partStart }
  }

  /** Writes where the anchor stands in the body that matched last. */
  place({ part, start, end }: Anchor, range: { start: number; end: number }): void {
    const partStart = this.partStarts[part] ?? 0
    range.start = partStart + start
    range.end = partStart + end
  }

  /**
   * Whether the body is built like the one that was learnt; each hole then holds one whole value.
   * Throws like `MessagePackReader.skip` when a hole does not.
   */
  matches(reader: MessagePackReader, bytes: Buffer, start: number, end: number): boolean {
    const parts = this.#parts
    const last = parts.length - 1
    const { view } = viewOf(bytes)
    let at = start
    for (let index = 0; index <= last; index += 1) {
      const part = parts[index] as Template
      const partEnd = at + part.length
      if (partEnd > end || !part.standsAt(view, at)) return false
      this.partStarts[index] = at
      if (index === last) return partEnd === end
      // What is missing here is missing in the value, which is for the full reading to say.
      if (partEnd === end) return false
      reader.reset(bytes, partEnd, end)
      reader.skip()
      at = reader.offset
      this.holeStarts[index] = partEnd
      this.holeEnds[index] = at
    }
    return false
  }
}
