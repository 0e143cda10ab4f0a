import type { OpenTransport, TransportEvents } from '../client/transport.ts'
import type { BenchError } from '../errors.ts'

/** The server's end of connections in memory: what was written, and events at will. */
export class MemoryTransport {
  /** Connections that were opened, the latest last. */
  readonly connections: MemoryConnection[] = []

  readonly open: OpenTransport = events => {
    const connection = new MemoryConnection(events)
    this.connections.push(connection)
    return connection
  }

  /** The connection opened last. */
  get last(): MemoryConnection {
    const last = this.connections.at(-1)
    if (last === undefined) throw new Error('Nothing was opened')
    return last
  }
}

export class MemoryConnection {
  readonly writes: Buffer[] = []
  isClosed = false
  readonly #events: TransportEvents

  constructor(events: TransportEvents) {
    this.#events = events
  }

  write(bytes: Buffer): boolean {
    this.writes.push(bytes)
    return false
  }

  close(): void {
    this.isClosed = true
  }

  accept(): void {
    this.#events.opened()
  }

  /** Like a socket, it uses its buffer again after the call. */
  receive(bytes: Buffer): void {
    const buffer = Buffer.from(bytes)
    this.#events.received(buffer)
    buffer.fill(0xc1)
  }

  end(error?: BenchError): void {
    this.#events.closed(error)
  }
}
