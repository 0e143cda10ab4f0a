/**
 * Frames of the sizes that the real ones have, told apart by their first byte, with nothing in
 * them to parse: what is left is the cost of sockets and wake-ups.
 */
export const PRODUCE = 1
export const ACQUIRE = 2
export const SETTLE = 3
export const EMPTY = 4

/** Bytes of a request by its first byte. */
export const REQUEST_BYTES: Readonly<Record<number, number>> = {
  [PRODUCE]: 77,
  [ACQUIRE]: 118,
  [SETTLE]: 125,
}

/** Bytes of an answer by its first byte; an ACQUIRE is answered with ACQUIRE or EMPTY. */
export const ANSWER_BYTES: Readonly<Record<number, number>> = {
  [PRODUCE]: 19,
  [ACQUIRE]: 90,
  [SETTLE]: 22,
  [EMPTY]: 16,
}

export function frame(kind: number, sizes: Readonly<Record<number, number>>): Buffer {
  return Buffer.alloc(sizes[kind] ?? 0, kind)
}

/** Calls `each` for every whole frame of a stream, however it is cut. */
export function frameReader(
  sizes: Readonly<Record<number, number>>,
  each: (kind: number) => void,
): (chunk: Uint8Array, length: number) => void {
  /** Bytes of the last frame that have not arrived yet. */
  let missing = 0
  let kind = 0
  return (chunk, length) => {
    let at = 0
    while (at < length) {
      if (missing === 0) {
        kind = chunk[at] ?? 0
        missing = sizes[kind] ?? 0
        if (missing === 0) throw new RangeError(`No frame begins with ${kind}`)
      }
      const taken = Math.min(missing, length - at)
      missing -= taken
      at += taken
      if (missing === 0) each(kind)
    }
  }
}
