import { Broker } from '../server/broker.ts'
import { DEFAULT_LIMITS, type ServerLimits } from '../server/limits.ts'
import { Session } from '../server/session.ts'
import { FrameDecoder } from '../wire/frame.ts'
import { decodeValue, encodeValue } from '../wire/value.ts'

export interface ReceivedAnswer {
  readonly command: number
  readonly body: unknown
}

/** A client of one session in memory, with the time in its hands. */
export class SessionPeer {
  readonly broker: Broker
  readonly session: Session
  nowNs = 0
  /** Answers not looked at yet. */
  readonly answers: ReceivedAnswer[] = []
  /** What the session was told that the client has not taken. */
  unreadBytes = 0
  writes = 0
  isClosed = false
  readonly #decoder = new FrameDecoder((command, bytes, start, end) => {
    this.answers.push({ command, body: decodeValue(bytes.subarray(start, end)) })
  })

  constructor(broker = new Broker(DEFAULT_LIMITS)) {
    this.broker = broker
    const peer = this
    this.session = new Session(broker, {
      write(bytes) {
        peer.writes += 1
        peer.written(bytes)
        return false
      },
      get unreadBytes() {
        return peer.unreadBytes
      },
      close() {
        peer.isClosed = true
      },
    })
  }

  /** What a client does with its answers; by default it takes them at once. */
  written = (bytes: Buffer): void => this.#decoder.push(bytes)

  send(bytes: Buffer): void {
    this.session.receive(bytes, this.nowNs)
  }

  /** The answer to one request, which must be the only one. */
  request(command: number, fields: object): unknown {
    this.send(frameOf(command, fields))
    const [answer, ...more] = this.answers.splice(0)
    if (answer === undefined || more.length > 0) throw new Error('Not one answer to one request')
    if (answer.command !== command) throw new Error(`An answer to command ${answer.command}`)
    return answer.body
  }
}

export function brokerWith(limits: Partial<ServerLimits>): Broker {
  return new Broker({ ...DEFAULT_LIMITS, ...limits })
}

export function frameOf(command: number, body: unknown): Buffer {
  return rawFrame(command, encodeValue(body))
}

export function rawFrame(command: number, body: Uint8Array): Buffer {
  const header = Buffer.of(0, 0, 0, 0, 1, command)
  header.writeUInt32BE(body.length + 2)
  return Buffer.concat([header, body])
}
