/**
 * Every failure that this package reports by design. A new condition gets a code here before it
 * gets a message, so that callers can tell failures apart without reading prose.
 */
export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'OUTPUT_UNWRITABLE'
  | 'FRAME_INVALID'
  | 'FRAME_TOO_LARGE'
  | 'MESSAGEPACK_INVALID'
  | 'REQUEST_INVALID'
  | 'ANSWER_INVALID'
  | 'CONNECTION_FAILED'
  | 'CONNECTION_CLOSED'
  | 'REQUEST_TIMEOUT'
  | 'REQUEST_REFUSED'
  | 'SERVER_START_FAILED'
  | 'SERVER_UNREACHABLE'
  | 'SERVER_EXITED'
  | 'LIMIT_EXCEEDED'
  | 'RUN_STALLED'
  | 'RUN_TIMEOUT'
  | 'INTERRUPTED'
  | 'INTERNAL'

/**
 * A failure with a stable `code`. The message says what could not be done, why, and the value at
 * hand; `cause` keeps what the platform said.
 */
export class BenchError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BenchError'
    this.code = code
  }

  /** Returns `thrown` if it is a BenchError already, else one of `code` that keeps it as cause. */
  static from(thrown: unknown, code: ErrorCode = 'INTERNAL'): BenchError {
    if (thrown instanceof BenchError) return thrown
    return new BenchError(code, messageOf(thrown), { cause: thrown })
  }
}

/** The message of anything that can be thrown, without its stack. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
