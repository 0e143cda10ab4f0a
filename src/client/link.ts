import type { Clock, Timer } from '../clock.ts'
import { BenchError } from '../errors.ts'
import { type AnswerReader, commandName } from '../wire/answer-reader.ts'
import type { Command } from '../wire/frame.ts'
import type { OutputBuffer } from '../wire/output-buffer.ts'
import { Connection } from './connection.ts'
import type { OpenTransport } from './transport.ts'

export interface LinkOptions {
  readonly open: OpenTransport
  readonly clock: Clock
  readonly requestTimeoutMs: number
  readonly openRequestsMax: number
  /** Attempts to connect before waiting requests are rejected. */
  readonly connectAttemptsMax: number
  /** Pause before the second attempt; it doubles for each further one. */
  readonly connectPauseMs: number
}

interface Request {
  readonly command: Command
  readonly write: (output: OutputBuffer) => void
  readonly resolve: (answer: AnswerReader, bytes: Buffer) => void
  readonly reject: (error: BenchError) => void
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly connection: Connection; readonly attempt: number }
  | { readonly kind: 'pausing'; readonly timer: Timer }
  | { readonly kind: 'open'; readonly connection: Connection }
  | { readonly kind: 'closed' }

/**
 * Requests with promises over a connection that is made when it is needed.
 *
 * While nothing was sent, a failed attempt to connect is repeated. Once a request was sent it is
 * never sent again: if the connection is lost, its promise rejects with `CONNECTION_CLOSED`,
 * because whether it took effect is unknown, and the next request connects anew.
 */
export class Link {
  readonly #options: LinkOptions
  /** Not sent yet. */
  #waiting: Request[] = []
  /** Sent, oldest first. */
  #sent: Request[] = []
  #state: State = { kind: 'idle' }
  #flushIsDue = false

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** `read` turns the answer into the result before it is overwritten by the next one. */
  request<Result>(
    command: Command,
    write: (output: OutputBuffer) => void,
    read: (answer: AnswerReader, bytes: Buffer) => Result,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#checkOpenRequests(command)
      this.#waiting.push({
        command,
        write,
        reject,
        resolve(answer, bytes) {
          if (answer.kind === 'error') return reject(refused(command, answer.errorText))
          try {
            resolve(read(answer, bytes))
          } catch (thrown) {
            reject(BenchError.from(thrown))
          }
        },
      })
      if (this.#state.kind === 'idle') this.#connect(1)
      else if (this.#state.kind === 'open') this.#flushSoon()
    })
  }

  /** Rejects what is open. Closing twice is harmless. */
  close(): void {
    const state = this.#state
    this.#state = { kind: 'closed' }
    if (state.kind === 'pausing') state.timer.cancel()
    if (state.kind === 'connecting' || state.kind === 'open') state.connection.close()
    this.#rejectAll(new BenchError('CONNECTION_CLOSED', 'The client was closed'))
  }

  #checkOpenRequests(command: Command): void {
    const name = commandName(command)
    if (this.#state.kind === 'closed') {
      throw new BenchError('CONNECTION_CLOSED', `Cannot send ${name}: the client is closed`)
    }
    const open = this.#waiting.length + this.#sent.length
    if (open >= this.#options.openRequestsMax) {
      const message = `Cannot send ${name}: ${open} requests are open, which is the limit`
      throw new BenchError('LIMIT_EXCEEDED', message)
    }
  }

  #connect(attempt: number): void {
    const connection = new Connection(this.#options, {
      opened: () => {
        this.#state = { kind: 'open', connection }
        this.#flush()
      },
      batchStarted() {},
      answered: (_command, answer, bytes) => this.#sent.shift()?.resolve(answer, bytes),
      batchEnded() {},
      closed: error => this.#closed(error, attempt),
    })
    this.#state = { kind: 'connecting', connection, attempt }
  }

  #closed(error: BenchError, attempt: number): void {
    const { connectAttemptsMax, connectPauseMs, clock } = this.#options
    const wasOpen = this.#state.kind === 'open'
    if (!wasOpen && attempt < connectAttemptsMax) {
      const pauseMs = connectPauseMs * 2 ** (attempt - 1)
      const timer = clock.setTimer(() => this.#connect(attempt + 1), pauseMs)
      this.#state = { kind: 'pausing', timer }
      return
    }
    this.#state = { kind: 'idle' }
    this.#rejectAll(error)
  }

  /** All requests of one turn of the event loop leave in one write. */
  #flushSoon(): void {
    if (this.#flushIsDue) return
    this.#flushIsDue = true
    queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    this.#flushIsDue = false
    if (this.#state.kind !== 'open') return
    const { connection } = this.#state
    for (const request of this.#waiting.splice(0)) {
      request.write(connection.begin(request.command))
      this.#sent.push(request)
    }
    connection.flush()
  }

  #rejectAll(error: BenchError): void {
    const open = [...this.#sent, ...this.#waiting]
    this.#sent = []
    this.#waiting = []
    for (const request of open) request.reject(error)
  }
}

function refused(command: Command, reason: string): BenchError {
  return new BenchError('REQUEST_REFUSED', `The server refused ${commandName(command)}: ${reason}`)
}
