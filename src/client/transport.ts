import { connect as connectSocket } from 'node:net'
import { BenchError } from '../errors.ts'

/** A byte stream to a server, opened by whoever made it; events come after the call returned. */
export interface Transport {
  /** Returns whether the bytes have left already; else it keeps them, and they stay as they are. */
  write(bytes: Buffer): boolean
  /** Drops the stream; `closed` is not called any more. */
  close(): void
}

export interface TransportEvents {
  opened(): void
  /** `bytes` are valid only until the call returns. */
  received(bytes: Buffer): void
  /** The last event. Without an error the peer ended the stream. */
  closed(error: BenchError | undefined): void
}

export type OpenTransport = (events: TransportEvents) => Transport

export interface TcpAddress {
  readonly host: string
  readonly port: number
}

const READ_BUFFER_BYTES = 64 * 1024
const SHARED_READ_BUFFER = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)

/**
 * Receivers take what they keep before the next read, so that all connections of a thread can read
 * into one buffer, which stays warm.
 */
function readBuffer(): Buffer {
  // Windows reads ahead into the buffer of each connection.
  return process.platform === 'win32'
    ? Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)
    : SHARED_READ_BUFFER
}

/** How long a TCP connection may take to be accepted. */
export const CONNECT_TIMEOUT_MS = 5000

/** Opens TCP connections to `address`; a failure is `CONNECTION_FAILED` and names it. */
export function tcpTransport(address: TcpAddress): OpenTransport {
  return events => {
    let ended = false
    const end = (error: BenchError | undefined) => {
      if (ended) return
      ended = true
      clearTimeout(deadline)
      socket.destroy()
      events.closed(error)
    }
    let opened = false
    const socket = connectSocket({
      ...address,
      noDelay: true,
      onread: {
        buffer: readBuffer(),
        callback(bytes, buffer) {
          if (!ended) events.received(buffer.subarray(0, bytes) as Buffer)
          return true
        },
      },
    })
    const deadline = setTimeout(() => {
      end(failed(address, `no answer within ${CONNECT_TIMEOUT_MS} ms`))
    }, CONNECT_TIMEOUT_MS)
    socket.once('connect', () => {
      opened = true
      clearTimeout(deadline)
      events.opened()
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const reason = describeSocketError(error)
      end(opened ? lost(address, reason, error) : failed(address, reason, error))
    })
    socket.once('end', () => end(undefined))
    socket.once('close', () => end(undefined))
    return {
      write(bytes) {
        socket.write(bytes)
        return socket.writableLength === 0
      },
      close() {
        ended = true
        clearTimeout(deadline)
        socket.destroy()
      },
    }
  }
}

function failed(address: TcpAddress, reason: string, cause?: Error): BenchError {
  const message = `Cannot connect to ${address.host}:${address.port}: ${reason}`
  return new BenchError('CONNECTION_FAILED', message, { cause })
}

function lost(address: TcpAddress, reason: string, cause: Error): BenchError {
  const message = `Lost the connection to ${address.host}:${address.port}: ${reason}`
  return new BenchError('CONNECTION_CLOSED', message, { cause })
}

const SOCKET_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by the server',
  EPIPE: 'connection closed by the server',
  ENOTFOUND: 'the host name is unknown',
  EHOSTUNREACH: 'no route to the host',
  ETIMEDOUT: 'no answer',
  EMFILE: 'this process has no file descriptor left',
}

function describeSocketError(error: NodeJS.ErrnoException): string {
  // With several addresses for a host name, Node wraps one error for each and has no message.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const { code, message } = Object(first) as NodeJS.ErrnoException
  return SOCKET_ERRORS[code ?? ''] ?? message
}
