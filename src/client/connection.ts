import type { Clock, Timer } from '../clock.ts'
import { NS_PER_MS } from '../clock.ts'
import { BenchError } from '../errors.ts'
import { AnswerReader, commandName } from '../wire/answer-reader.ts'
import { type Command, FrameDecoder } from '../wire/frame.ts'
import { OutputBuffer } from '../wire/output-buffer.ts'
import type { OpenTransport, Transport } from './transport.ts'

/** What happens on a connection. Everything between the two batch calls arrived in one read. */
export interface ConnectionEvents {
  opened(): void
  /** `nowNs` is the time of the read and holds for the whole batch. */
  batchStarted(nowNs: number): void
  /** The answer to the oldest open request, valid until the call returns, as are `bytes`. */
  answered(command: Command, answer: AnswerReader, bytes: Buffer, sentNs: number): void
  batchEnded(): void
  /**
   * The last event: open requests will get no answer, and it is unknown whether they took effect.
   * When an answer is the reason it comes within a batch, which then does not end.
   */
  closed(error: BenchError, openRequests: number): void
}

export interface ConnectionOptions {
  readonly open: OpenTransport
  readonly clock: Clock
  /** How long the oldest open request may wait before the connection is given up. */
  readonly requestTimeoutMs: number
  /** Requests in flight at most; one more throws `LIMIT_EXCEEDED`. */
  readonly openRequestsMax: number
}

/** Platform timers take 31 bits and fire at once beyond. */
const TIMER_MS_MAX = 2 ** 31 - 1

type State =
  | { readonly kind: 'connecting'; readonly transport: Transport }
  | { readonly kind: 'open'; readonly transport: Transport }
  | { readonly kind: 'closed' }

/** Nearly all requests are flushed before another connection begins one. */
const SHARED_OUTPUT = new OutputBuffer()

/**
 * One pipelined connection: requests leave in the order of `begin`, answers are matched first in,
 * first out. All I/O goes through the transport that `open` gives, all time through the clock, and
 * nothing is ever sent twice.
 */
export class Connection {
  readonly #events: ConnectionEvents
  readonly #clock: Clock
  readonly #requestTimeoutNs: number
  /** Where the requests are that were begun and not flushed. */
  #output = SHARED_OUTPUT
  /** For those that must wait while other connections write. */
  #ownOutput: OutputBuffer | undefined
  readonly #answer = new AnswerReader()
  readonly #decoder = new FrameDecoder(this.#match.bind(this))
  /** Open requests as a ring: command, and when its bytes were handed to the transport. */
  readonly #commands: Uint8Array
  readonly #sentNs: Float64Array
  #first = 0
  #open = 0
  #unflushed = 0
  #timer: Timer | undefined
  #state: State

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#events = events
    this.#clock = options.clock
    this.#requestTimeoutNs = options.requestTimeoutMs * NS_PER_MS
    this.#commands = new Uint8Array(options.openRequestsMax)
    this.#sentNs = new Float64Array(options.openRequestsMax)
    const transport = options.open({
      opened: () => this.#opened(),
      received: bytes => this.#receive(bytes),
      closed: error => this.#fail(error ?? this.#endedByServer()),
    })
    this.#state = { kind: 'connecting', transport }
  }

  get openRequests(): number {
    return this.#open
  }

  get isClosed(): boolean {
    return this.#state.kind === 'closed'
  }

  /**
   * Registers a request and returns where to write its one frame; it leaves with the next `flush`.
   * Throws `CONNECTION_CLOSED` on a closed connection.
   */
  begin(command: Command): OutputBuffer {
    if (this.#state.kind === 'closed') {
      const message = `Cannot send ${commandName(command)}: the connection is closed`
      throw new BenchError('CONNECTION_CLOSED', message)
    }
    if (this.#open === this.#commands.length) {
      const message = `Cannot send ${commandName(command)}: ${this.#open} requests are open, which is the limit`
      throw new BenchError('LIMIT_EXCEEDED', message)
    }
    if (this.#unflushed === 0) this.#output = this.#freeOutput()
    this.#commands[this.#slot(this.#open)] = command
    this.#open += 1
    this.#unflushed += 1
    return this.#output
  }

  /** Hands what was begun to the transport in one write; before the connection is open, waits. */
  flush(): void {
    if (this.#unflushed === 0 || this.#state.kind !== 'open') return
    const nowNs = this.#clock.nowNs()
    for (let index = this.#open - this.#unflushed; index < this.#open; index += 1) {
      this.#sentNs[this.#slot(index)] = nowNs
    }
    this.#unflushed = 0
    this.#output.send(this.#state.transport)
    if (this.#timer === undefined) this.#sleep(this.#requestTimeoutNs / NS_PER_MS)
  }

  /** Ends the connection without an event. Harmless when it has ended. */
  close(): void {
    if (this.#state.kind === 'closed') return
    if (this.#unflushed > 0) this.#output.discard()
    this.#state.transport.close()
    this.#state = { kind: 'closed' }
    this.#timer?.cancel()
  }

  #freeOutput(): OutputBuffer {
    if (this.#state.kind === 'open' && SHARED_OUTPUT.pendingBytes === 0) return SHARED_OUTPUT
    this.#ownOutput ??= new OutputBuffer()
    return this.#ownOutput
  }

  #opened(): void {
    if (this.#state.kind !== 'connecting') return
    this.#state = { kind: 'open', transport: this.#state.transport }
    this.#events.opened()
    this.flush()
  }

  #receive(bytes: Buffer): void {
    if (this.#state.kind === 'closed') return
    this.#events.batchStarted(this.#clock.nowNs())
    try {
      this.#decoder.push(bytes)
    } catch (thrown) {
      return this.#fail(BenchError.from(thrown))
    }
    // An event may have closed the connection.
    if (!this.isClosed) this.#events.batchEnded()
  }

  #match(command: number, bytes: Buffer, start: number, end: number): void {
    if (this.isClosed) return
    if (this.#open === this.#unflushed) {
      const message = `Cannot match an answer to ${commandName(command)}: no request is open`
      throw new BenchError('ANSWER_INVALID', message)
    }
    const expected = this.#commands[this.#first] as Command
    if (command !== expected) {
      const message = `Cannot match an answer to ${commandName(command)}: the oldest open request is ${commandName(expected)}`
      throw new BenchError('ANSWER_INVALID', message)
    }
    this.#answer.read(expected, bytes, start, end)
    const sentNs = this.#sentNs[this.#first] ?? 0
    this.#first = this.#slot(1)
    this.#open -= 1
    this.#events.answered(expected, this.#answer, bytes, sentNs)
  }

  /** One timer a connection: it looks at the oldest request and sleeps until that one is due. */
  readonly #checkOldest = (): void => {
    this.#timer = undefined
    if (this.#state.kind === 'closed' || this.#open === this.#unflushed) return
    const waitedNs = this.#clock.nowNs() - (this.#sentNs[this.#first] ?? 0)
    const leftMs = (this.#requestTimeoutNs - waitedNs) / NS_PER_MS
    if (leftMs > 0) {
      this.#sleep(Math.ceil(leftMs))
      return
    }
    const command = commandName(this.#commands[this.#first] ?? 0)
    const message = `No answer to ${command} within ${this.#requestTimeoutNs / NS_PER_MS} ms`
    this.#fail(new BenchError('REQUEST_TIMEOUT', message))
  }

  #sleep(delayMs: number): void {
    this.#timer = this.#clock.setTimer(this.#checkOldest, Math.min(delayMs, TIMER_MS_MAX))
  }

  #endedByServer(): BenchError {
    const message = `The server closed the connection with ${this.#open} open requests`
    return new BenchError('CONNECTION_CLOSED', message)
  }

  #fail(error: BenchError): void {
    if (this.#state.kind === 'closed') return
    this.close()
    this.#events.closed(error, this.#open)
  }

  #slot(ahead: number): number {
    const slot = this.#first + ahead
    return slot < this.#commands.length ? slot : slot - this.#commands.length
  }
}
