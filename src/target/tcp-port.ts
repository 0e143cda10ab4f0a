import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Address } from '../address.ts'
import type { Clock } from '../clock.ts'
import { BenchError, messageOf } from '../errors.ts'

export type Probe =
  | { readonly kind: 'accepted' }
  /** `reason` completes a sentence about what could not be reached. */
  | { readonly kind: 'failed'; readonly reason: string; readonly cause: unknown }

export interface ProbeOptions {
  readonly limitMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

/** Makes one connection and closes it at once. Throws only the reason of `signal`. */
export async function probeAddress(address: Address, options: ProbeOptions): Promise<Probe> {
  const { limitMs, clock, signal } = options
  signal?.throwIfAborted()
  const limit = new AbortController()
  const timer = clock.setTimer(() => limit.abort(), limitMs)
  const socket = connect({ host: address.host, port: address.port })
  try {
    await once(socket, 'connect', {
      signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
    })
    return { kind: 'accepted' }
  } catch (cause) {
    signal?.throwIfAborted()
    const reason = limit.signal.aborted ? `no answer within ${limitMs} ms` : describeFailure(cause)
    return { kind: 'failed', reason, cause }
  } finally {
    timer.cancel()
    // A connection attempt that is given up can still fail.
    socket.on('error', () => {})
    socket.destroy()
  }
}

const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the name service does not answer',
}

function describeFailure(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  return FAILURES[code] ?? messageOf(thrown)
}

/** A port of 127.0.0.1 that nobody listens on now; nothing reserves it. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  server.close()
  await once(server, 'close')
  if (bound === null || typeof bound === 'string') {
    throw new BenchError('INTERNAL', `Cannot find a free port: a listener is bound to ${bound}`)
  }
  return bound.port
}
