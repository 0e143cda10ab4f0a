import { createServer, type Server, type Socket } from 'node:net'
import type { Clock, Timer } from '../clock.ts'
import { BenchError } from '../errors.ts'
import { readInto } from './accepted-socket.ts'
import type { Broker } from './broker.ts'
import { Session } from './session.ts'

export interface Listener extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly connections: number
}

/** How long clients have to take their last answers before they are dropped. */
const DRAIN_LIMIT_MS = 1000

/**
 * Serves the broker's logs on a TCP port; port 0 takes a free one. Throws `SERVER_START_FAILED`
 * naming host and port when they cannot be had.
 */
export async function listen(
  broker: Broker,
  options: { readonly host: string; readonly port: number; readonly clock: Clock },
): Promise<Listener> {
  const { host, port, clock } = options
  const sockets = new Set<Socket>()
  // Paused until the session is there to read.
  const server = createServer({ noDelay: true, pauseOnConnect: true }, accepted => {
    const socket = serve(accepted, broker, clock)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.maxConnections = broker.limits.connectionsMax
  await opened(server, host, port)
  const address = server.address()
  if (address === null || typeof address === 'string') {
    throw new BenchError('SERVER_START_FAILED', `Cannot listen on ${host}:${port}: no TCP address`)
  }
  let closing: Promise<void> | undefined
  return {
    host: address.address,
    port: address.port,
    get connections() {
      return sockets.size
    },
    [Symbol.asyncDispose]() {
      closing ??= closed(server, sockets, clock)
      return closing
    },
  }
}

function serve(accepted: Socket, broker: Broker, clock: Clock): Socket {
  let deadline: Timer | undefined
  const session = new Session(broker, {
    write(bytes) {
      socket.write(bytes)
      return socket.writableLength === 0
    },
    get unreadBytes() {
      // Where the socket does not ask for a pause, no 'drain' would end it.
      return socket.writableNeedDrain ? socket.writableLength : 0
    },
    close() {
      socket.end()
      deadline = clock.setTimer(() => socket.destroy(), DRAIN_LIMIT_MS)
    },
  })
  const socket = readInto(accepted, readBuffer(), chunk => {
    session.receive(chunk, clock.nowNs())
    if (session.isPaused) socket.pause()
  })
  socket.on('drain', () => {
    session.resume(clock.nowNs())
    if (!session.isPaused) socket.resume()
  })
  // A client that resets its connection is its own affair; 'close' follows.
  socket.on('error', () => socket.destroy())
  socket.on('close', () => deadline?.cancel())
  return socket
}

/** Sessions take what they keep before the next read, so that all connections can share one. */
function readBuffer(): Buffer {
  // Windows reads ahead into the buffer of each connection.
  return process.platform === 'win32'
    ? Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)
    : SHARED_READ_BUFFER
}

const READ_BUFFER_BYTES = 64 * 1024
const SHARED_READ_BUFFER = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)

function opened(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message
      const message = `Cannot listen on ${host}:${port}: ${reason}`
      reject(new BenchError('SERVER_START_FAILED', message, { cause: error }))
    })
    server.listen({ host, port, backlog: 4096 }, resolve)
  })
}

function closed(server: Server, sockets: ReadonlySet<Socket>, clock: Clock): Promise<void> {
  return new Promise(resolve => {
    const deadline = clock.setTimer(() => {
      for (const socket of sockets) socket.destroy()
    }, DRAIN_LIMIT_MS)
    server.close(() => {
      deadline.cancel()
      resolve()
    })
    for (const socket of sockets) socket.end()
  })
}
