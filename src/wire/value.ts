import { decode, encode } from '@msgpack/msgpack'
import { BenchError, messageOf } from '../errors.ts'
import { DEPTH_MAX, MessagePackReader } from './reader.ts'

/**
 * Encodes any plain value in its shortest MessagePack form. Throws `MESSAGEPACK_INVALID` for what
 * the format has no form for, such as a function or an integer beyond 64 bits, and for nesting
 * beyond `DEPTH_MAX`.
 */
export function encodeValue(value: unknown): Buffer {
  try {
    // The library counts what stands in the innermost container as one level more.
    const options = { maxDepth: DEPTH_MAX + 1, useBigInt64: holdsBigInt(value) }
    const { buffer, byteOffset, byteLength } = encode(value, options)
    const encoded = Buffer.from(buffer, byteOffset, byteLength)
    const reader = new MessagePackReader()
    reader.reset(encoded, 0, encoded.length)
    reader.skip()
    return encoded
  } catch (thrown) {
    const message = `Cannot encode the value as MessagePack: ${messageOf(thrown)}`
    throw new BenchError('MESSAGEPACK_INVALID', message, { cause: thrown })
  }
}

/**
 * Decodes one value. Integers come as numbers where a number holds them exactly and as bigints
 * beyond. Only for bytes that a `MessagePackReader` has passed over: the library takes memory by
 * declared lengths.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  try {
    // A copy, because the library gives binary data as a window into what it was given.
    return narrowIntegers(decode(new Uint8Array(bytes), { useBigInt64: true }))
  } catch (thrown) {
    const message = `Cannot decode a MessagePack value: ${messageOf(thrown)}`
    throw new BenchError('MESSAGEPACK_INVALID', message, { cause: thrown })
  }
}

const INT64_MIN = -(2n ** 63n)
const UINT64_MAX = 2n ** 64n - 1n

/** The library encodes integers beyond 32 bits as floats once bigints are on, so only if needed. */
function holdsBigInt(value: unknown): boolean {
  let found = false
  // A set goes on to what is added while it is walked, and sees a value that holds itself once.
  const values = new Set([value])
  for (const seen of values) {
    if (typeof seen === 'bigint') {
      // The library would cut it to its low 64 bits.
      if (seen < INT64_MIN || seen > UINT64_MAX) throw new RangeError(`${seen} exceeds 64 bits`)
      found = true
    } else if (typeof seen === 'object' && seen !== null && !ArrayBuffer.isView(seen)) {
      for (const inner of Object.values(seen)) {
        if (typeof inner === 'object' || typeof inner === 'bigint') values.add(inner)
      }
    }
  }
  return found
}

function narrowIntegers(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const narrowed = Number(value)
    return Number.isSafeInteger(narrowed) ? narrowed : value
  }
  if (Array.isArray(value)) return value.map(narrowIntegers)
  if (
    typeof value !== 'object' ||
    value === null ||
    Object.getPrototypeOf(value) !== Object.prototype
  ) {
    return value
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, narrowIntegers(inner)]),
  )
}
