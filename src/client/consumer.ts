import { randomUUID } from 'node:crypto'
import { BenchError } from '../errors.ts'
import type { AnswerReader } from '../wire/answer-reader.ts'
import { ACQUIRE_NEXT, SETTLE } from '../wire/frame.ts'
import { ConsumerWriter } from '../wire/request-writer.ts'
import { decodeValue } from '../wire/value.ts'
import type { Link } from './link.ts'
import { type ClientOptions, openLink } from './options.ts'

export interface ConsumerClientOptions extends ClientOptions {
  readonly groupId: string
  /** Who holds the leases; by default a new UUID. */
  readonly clientId?: string
  /** How long a message is leased, 1 to 43,200,000; 30,000. */
  readonly leaseMs?: number
}

export interface Message {
  readonly id: number
  readonly payload: unknown
  readonly metadata: unknown
}

/** Leases and settles messages of one log in one group, over one connection. */
export class Consumer implements AsyncDisposable {
  readonly clientId: string
  readonly #link: Link
  readonly #request: ConsumerWriter

  constructor(options: ConsumerClientOptions) {
    this.clientId = options.clientId ?? randomUUID()
    const leaseSeconds = (options.leaseMs ?? 30_000) / 1000
    this.#request = new ConsumerWriter({ ...options, clientId: this.clientId }, leaseSeconds)
    this.#link = openLink(options)
  }

  /** Leases the next message that can be had, or returns `null` when there is none now. */
  acquireNext(): Promise<Message | null> {
    return this.#link.request(ACQUIRE_NEXT, output => this.#request.acquire(output), readMessage)
  }

  /**
   * Ends the lease: with `success` the message is processed for good, without it can be leased
   * again, and the third failure makes it dead. Rejects with `REQUEST_REFUSED` when the lease is
   * no longer ours, and with `REQUEST_INVALID` when `messageId` can be none.
   */
  async settle(messageId: number, success = true): Promise<void> {
    if (!Number.isSafeInteger(messageId) || messageId < 0) {
      const message = `Cannot settle message ${messageId}: an id is an integer from 0 to 2^53 - 1`
      throw new BenchError('REQUEST_INVALID', message)
    }
    return this.#link.request(
      SETTLE,
      output => this.#request.settle(output, messageId, success),
      () => undefined,
    )
  }

  /** Rejects what is open. Closing twice is harmless. */
  close(): void {
    this.#link.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }
}

function readMessage(answer: AnswerReader, bytes: Buffer): Message | null {
  if (answer.kind !== 'message') return null
  const { messageId, payload, metadata } = answer
  return {
    id: messageId,
    payload: decodeValue(bytes.subarray(payload.start, payload.end)),
    metadata: metadata.start < 0 ? null : decodeValue(bytes.subarray(metadata.start, metadata.end)),
  }
}
