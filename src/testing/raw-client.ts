import { connect, type Socket } from 'node:net'
import { FrameDecoder } from '../wire/frame.ts'
import { decodeValue } from '../wire/value.ts'

/** A TCP client that sends any bytes and keeps the answers as they come. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket
  readonly answers: { readonly command: number; readonly body: unknown }[] = []
  readonly closed: Promise<void>
  readonly #decoder = new FrameDecoder((command, bytes, start, end) => {
    this.answers.push({ command, body: decodeValue(bytes.subarray(start, end)) })
  })

  private constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise(resolve => socket.once('close', () => resolve()))
    socket.on('data', chunk => this.#decoder.push(chunk))
    // What a lost connection means is for the test to say.
    socket.on('error', () => {})
  }

  static open(address: { readonly host: string; readonly port: number }): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...address, noDelay: true, allowHalfOpen: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new RawClient(socket))
      })
    })
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
    await this.closed
  }
}
