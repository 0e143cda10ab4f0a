import type { FieldRange } from '../wire/request-reader.ts'

/**
 * The last id that a connection named, with what it stands for. A connection mostly names the same
 * log, group and client again: comparing raw bytes then saves making a string and asking a map.
 */
export class KnownId<Value> {
  #bytes: Buffer = Buffer.alloc(0)
  #value: Value | undefined

  find(bytes: Buffer, range: FieldRange): Value | undefined {
    const known = this.#bytes
    const { start } = range
    if (range.end - start !== known.length) return undefined
    // From the end: ids of a kind mostly share their beginning.
    for (let index = known.length - 1; index >= 0; index -= 1) {
      if (bytes[start + index] !== known[index]) return undefined
    }
    return this.#value
  }

  remember(bytes: Buffer, range: FieldRange, value: Value): Value {
    this.#bytes = Buffer.from(bytes.subarray(range.start, range.end))
    this.#value = value
    return value
  }
}
