import type { Duplex } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { Clock, Timer } from '../clock.ts'
import { BenchError } from '../errors.ts'

/**
 * Asks the embedded server for its counters, over the channel that it was started with: a line of
 * JSON `{"id":1,"kind":"stats"}` is answered by a line `{"id":1,"stats":…}`.
 */
export class StatsChannel {
  static readonly ANSWER_LIMIT_MS = 5_000
  static readonly LINE_CHARACTERS_MAX = 16_777_216
  static readonly PENDING_MAX = 64

  readonly #stream: Duplex
  readonly #clock: Clock
  readonly #decoder = new StringDecoder('utf8')
  readonly #pending = new Map<number, Pending>()
  #line = ''
  #lastId = 0

  constructor(stream: Duplex, clock: Clock) {
    this.#stream = stream
    this.#clock = clock
    stream.on('data', (chunk: Buffer) => this.#read(this.#decoder.write(chunk)))
    const close = () => this.#fail('SERVER_EXITED', 'the server closed the channel')
    stream.on('end', close).on('error', close).on('close', close)
  }

  /** Throws REQUEST_TIMEOUT after 5 s, SERVER_EXITED, or ANSWER_INVALID. */
  request(): Promise<unknown> {
    if (this.#stream.destroyed) throw failure('SERVER_EXITED', 'the server closed the channel')
    if (this.#pending.size >= StatsChannel.PENDING_MAX) {
      throw failure('LIMIT_EXCEEDED', `${StatsChannel.PENDING_MAX} requests wait for an answer`)
    }
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(() => {
        this.#pending.delete(id)
        reject(failure('REQUEST_TIMEOUT', `no answer within ${StatsChannel.ANSWER_LIMIT_MS} ms`))
      }, StatsChannel.ANSWER_LIMIT_MS)
      this.#pending.set(id, { resolve, reject, timer })
      this.#stream.write(`${JSON.stringify({ id, kind: 'stats' })}\n`)
    })
  }

  #read(text: string): void {
    const [head = '', ...rest] = text.split('\n')
    this.#line += head
    for (const next of rest) {
      this.#answer(this.#line)
      this.#line = next
    }
    if (this.#line.length > StatsChannel.LINE_CHARACTERS_MAX) {
      this.#fail('LIMIT_EXCEEDED', `the answer exceeds ${StatsChannel.LINE_CHARACTERS_MAX} bytes`)
    }
  }

  #answer(line: string): void {
    const answer = parseAnswer(line)
    if (answer === undefined) {
      this.#fail('ANSWER_INVALID', `it says ${line.slice(0, 200)}`)
      return
    }
    const pending = this.#pending.get(answer.id)
    // The answer to a request that was given up.
    if (pending === undefined) return
    this.#pending.delete(answer.id)
    pending.timer.cancel()
    pending.resolve(answer.stats)
  }

  /** Whatever went wrong, the line boundaries are no longer to be trusted. */
  #fail(code: ChannelFailure, reason: string): void {
    for (const { timer, reject } of this.#pending.values()) {
      timer.cancel()
      reject(failure(code, reason))
    }
    this.#pending.clear()
    this.#stream.destroy()
  }
}

interface Pending {
  readonly resolve: (stats: unknown) => void
  readonly reject: (reason: BenchError) => void
  readonly timer: Timer
}

type ChannelFailure = 'REQUEST_TIMEOUT' | 'SERVER_EXITED' | 'ANSWER_INVALID' | 'LIMIT_EXCEEDED'

function failure(code: ChannelFailure, reason: string): BenchError {
  return new BenchError(code, `Cannot read the counters of the server: ${reason}`)
}

function parseAnswer(line: string): { readonly id: number; readonly stats: unknown } | undefined {
  try {
    const answer: unknown = JSON.parse(line)
    if (typeof answer !== 'object' || answer === null) return undefined
    if (!('id' in answer) || typeof answer.id !== 'number' || !('stats' in answer)) return undefined
    return { id: answer.id, stats: answer.stats }
  } catch {
    return undefined
  }
}
