import { decode, encode } from '@msgpack/msgpack'
import { BenchError, messageOf } from '../errors.ts'
import { DEPTH_MAX } from './reader.ts'

/**
 * Encodes any plain value in its shortest MessagePack form. Throws `MESSAGEPACK_INVALID` for what
 * the format has no form for, such as a function, and for nesting beyond `DEPTH_MAX`.
 */
export function encodeValue(value: unknown): Buffer {
  try {
    const encoded = encode(value, { maxDepth: DEPTH_MAX, useBigInt64: holdsBigInt(value, 0) })
    return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength)
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
    return narrowIntegers(decode(bytes, { useBigInt64: true }))
  } catch (thrown) {
    const message = `Cannot decode a MessagePack value: ${messageOf(thrown)}`
    throw new BenchError('MESSAGEPACK_INVALID', message, { cause: thrown })
  }
}

/** The library encodes integers beyond 32 bits as floats once bigints are on, so only if needed. */
function holdsBigInt(value: unknown, depth: number): boolean {
  if (typeof value === 'bigint') return true
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  return depth < DEPTH_MAX && Object.values(value).some(inner => holdsBigInt(inner, depth + 1))
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
