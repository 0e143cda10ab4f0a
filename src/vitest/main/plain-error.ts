import { messageOf } from '../../errors.ts'

/** Runs what may stop Vitest's start; a failure reaches the user as its message alone. */
export function plainly<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (thrown) {
    throw plainError(thrown)
  }
}

/** Vitest shows stack, code and causes of what it does not expect; they would bury the message. */
export function plainError(thrown: unknown): Error {
  const error = new Error(messageOf(thrown))
  error.stack = `Error: ${error.message}`
  return error
}
