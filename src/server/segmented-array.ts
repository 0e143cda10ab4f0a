const SEGMENT_BITS = 16
const SEGMENT_LENGTH = 1 << SEGMENT_BITS
const INDEX_MASK = SEGMENT_LENGTH - 1

/**
 * An array of unsigned integers that grows in segments: growing never copies what is there, so
 * appending has no pauses, and an entry costs its own bytes and nothing more. Unset entries are 0.
 */
export class SegmentedArray<Segment extends Uint8Array | Uint32Array> {
  readonly #create: (length: number) => Segment
  readonly #segments: Segment[] = []

  constructor(create: (length: number) => Segment) {
    this.#create = create
  }

  get(index: number): number {
    return this.#segments[index >>> SEGMENT_BITS]?.[index & INDEX_MASK] ?? 0
  }

  set(index: number, value: number): void {
    const segment = this.#segments[index >>> SEGMENT_BITS] ?? this.#grow(index >>> SEGMENT_BITS)
    segment[index & INDEX_MASK] = value
  }

  #grow(position: number): Segment {
    while (this.#segments.length < position) this.#segments.push(this.#create(SEGMENT_LENGTH))
    const segment = this.#create(SEGMENT_LENGTH)
    this.#segments.push(segment)
    return segment
  }
}

export function segmentedBytes(): SegmentedArray<Uint8Array> {
  return new SegmentedArray(length => new Uint8Array(length))
}

export function segmentedWords(): SegmentedArray<Uint32Array> {
  return new SegmentedArray(length => new Uint32Array(length))
}
