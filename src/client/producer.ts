import { PRODUCE } from '../wire/frame.ts'
import { ProduceWriter } from '../wire/request-writer.ts'
import { encodeValue } from '../wire/value.ts'
import type { Link } from './link.ts'
import { type ClientOptions, openLink } from './options.ts'

/**
 * Appends messages to one log over one connection, which is made at the first `send`. Requests are
 * pipelined: `send` may be called again before the last one was answered.
 */
export class Producer implements AsyncDisposable {
  readonly #link: Link
  readonly #request: ProduceWriter

  constructor(options: ClientOptions) {
    this.#request = new ProduceWriter(options.logId)
    this.#link = openLink(options)
  }

  /**
   * Returns the id of the message once the server has acknowledged it. `payload` is any plain
   * value, `metadata` a plain object.
   *
   * Rejects with `MESSAGEPACK_INVALID` or `FRAME_TOO_LARGE` when they cannot be encoded in a frame,
   * so nothing was sent; with `REQUEST_REFUSED` when the server refused it, so it is not stored; with
   * `CONNECTION_FAILED` when no connection could be made, so it was not sent; with
   * `CONNECTION_CLOSED` or `REQUEST_TIMEOUT` when it is unknown whether it is stored. It is never
   * sent twice.
   */
  async send(payload: unknown, metadata?: Readonly<Record<string, unknown>>): Promise<number> {
    const encoded = encodeValue(payload)
    const encodedMetadata = metadata === undefined ? undefined : encodeValue(metadata)
    this.#request.checkFrame(encoded.length, encodedMetadata?.length)
    return this.#link.request(
      PRODUCE,
      output => {
        const writePayload = (target: Buffer, offset: number) =>
          offset + encoded.copy(target, offset)
        this.#request.write(output, encoded.length, writePayload, encodedMetadata)
      },
      answer => answer.messageId,
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
