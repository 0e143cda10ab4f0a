import { type Clock, pause } from '../clock.ts'
import { BenchError } from '../errors.ts'
import { describeExit, quoteStderr } from './server-exit.ts'
import type { ServerProcess } from './server-process.ts'

export interface ReadyOptions<T> {
  /** The server as the error message names it. */
  readonly name: string
  readonly limitMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
  /** Waits until the server accepts connections, or until `signal` aborts. */
  readonly ready: (signal: AbortSignal) => Promise<T>
  /** Why the server counts as not ready when the limit has passed. */
  readonly describeDelay: () => string
}

/**
 * Returns what `ready` returns. If the server exits before, the limit passes or the signal aborts,
 * it ends the server and throws SERVER_START_FAILED with its last lines on stderr, or the reason of
 * the signal.
 */
export async function untilReady<T>(server: ServerProcess, options: ReadyOptions<T>): Promise<T> {
  const { name, limitMs, clock, signal, ready, describeDelay } = options
  const attempt = new AbortController()
  const either = signal ? AbortSignal.any([signal, attempt.signal]) : attempt.signal
  const fail = (reason: string, stderr: readonly string[]) => {
    throw new BenchError(
      'SERVER_START_FAILED',
      `Cannot start the server ${name}: ${reason}${quoteStderr(stderr)}`,
    )
  }
  try {
    return await Promise.race([
      ready(either),
      server.exited.then(exit => fail(`it ${describeExit(exit)}`, exit.stderr)),
      pause(clock, limitMs, either).then(() => {
        return fail(`${describeDelay()} after ${limitMs} ms`, server.stderrLines())
      }),
    ])
  } catch (thrown) {
    await server[Symbol.asyncDispose]()
    throw thrown
  } finally {
    attempt.abort()
  }
}
