import { createServer, type Socket } from 'node:net'
import type { Address } from '../../address.ts'
import { systemClock } from '../../clock.ts'
import { Broker } from '../../server/broker.ts'
import { DEFAULT_LIMITS } from '../../server/limits.ts'
import { Session } from '../../server/session.ts'
import { PRODUCE } from '../../wire/frame.ts'
import { blockThread, type Span } from './block-thread.ts'
import { DueQueue } from './due-queue.ts'
import { RequestCutter } from './request-cutter.ts'
import { dueTimes, type Shape } from './shape.ts'

/** Requests of one connection that wait to become due; above it we stop reading from it. */
export const HELD_BYTES_MAX = 16 * 1024 ** 2

const CLOSE_LIMIT_MS = 1_000

type DueItem =
  | { readonly kind: 'request'; readonly connection: Connection; readonly bytes: Buffer }
  | { readonly kind: 'pause'; readonly lengthNs: number }

/**
 * Serves the product's broker through its own sessions, each request when `shape` makes it due:
 * until then it has no effect, and its answer leaves at once. What a client closed its connection
 * on is dropped. Returns the address that was bound; there is no way to stop but to exit.
 */
export function listenShaped(
  shape: Shape,
  options: { readonly address: Address; readonly paused: (span: Span) => void },
): Promise<Address> {
  const broker = new Broker(DEFAULT_LIMITS)
  const dueNs = dueTimes(shape)
  let { pause } = shape
  const queue = new DueQueue<DueItem>(items => serve(items, options.paused))
  const read = (connection: Connection, chunk: Buffer) => {
    const arrivalNs = systemClock.nowNs()
    for (const { command, bytes } of connection.cutter.push(chunk)) {
      if (command === PRODUCE && pause !== undefined) {
        const { afterNs, lengthNs } = pause
        queue.add({ kind: 'pause', lengthNs }, arrivalNs + afterNs)
        pause = undefined
      }
      const item = { kind: 'request', connection, bytes } as const
      queue.add(item, connection.hold(bytes, dueNs(command, arrivalNs)))
    }
    queue.run()
    connection.update()
  }
  const server = createServer({ noDelay: true, allowHalfOpen: true }, socket => {
    const connection = new Connection(socket, broker)
    socket.on('data', chunk => read(connection, chunk))
  })
  const { host, port } = options.address
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 4096 }, () => {
      const bound = server.address()
      if (bound === null || typeof bound === 'string') reject(new Error('No TCP address'))
      else resolve({ host: bound.address, port: bound.port })
    })
  })
}

function serve(items: readonly DueItem[], paused: (span: Span) => void): void {
  const served = new Set<Connection>()
  const send = () => {
    for (const connection of served) connection.send()
    served.clear()
  }
  for (const item of items) {
    if (item.kind === 'request') {
      item.connection.serve(item.bytes)
      served.add(item.connection)
    } else {
      // What was answered before the pause must not wait for its end.
      send()
      paused(blockThread(item.lengthNs))
    }
  }
  send()
}

/** One client: a session of the product whose requests wait first. */
class Connection {
  readonly cutter = new RequestCutter()
  readonly #socket: Socket
  readonly #session: Session
  #heldBytes = 0
  #lastDueNs = 0
  /** The client sends nothing more. */
  #hasEnded = false

  constructor(socket: Socket, broker: Broker) {
    this.#socket = socket
    this.#session = new Session(broker, {
      write(bytes) {
        socket.write(bytes)
        return socket.writableLength === 0
      },
      get unreadBytes() {
        return socket.writableNeedDrain ? socket.writableLength : 0
      },
      close() {
        socket.end()
        systemClock.setTimer(() => socket.destroy(), CLOSE_LIMIT_MS)
      },
    })
    socket.on('drain', () => {
      this.#session.resume(systemClock.nowNs())
      this.update()
    })
    socket.on('end', () => {
      this.#hasEnded = true
      this.update()
    })
    socket.on('error', () => socket.destroy())
  }

  /** Counts a request that waits; returns when it is due, as answers keep the order of requests. */
  hold(bytes: Buffer, dueNs: number): number {
    this.#heldBytes += bytes.length
    this.#lastDueNs = Math.max(this.#lastDueNs, dueNs)
    return this.#lastDueNs
  }

  /** The answer stays with us until `send`, so that those of one moment leave in one write. */
  serve(bytes: Buffer): void {
    this.#heldBytes -= bytes.length
    if (this.#socket.destroyed) return
    if (this.#socket.writableCorked === 0) this.#socket.cork()
    this.#session.receive(bytes, systemClock.nowNs())
  }

  send(): void {
    this.#socket.uncork()
    this.update()
  }

  /** Reads on or stops reading, and ends what the client has ended. */
  update(): void {
    const isFull = this.#heldBytes > HELD_BYTES_MAX || this.#session.isPaused
    if (isFull) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
    if (this.#hasEnded && this.#heldBytes === 0 && !isFull) this.#socket.end()
  }
}
