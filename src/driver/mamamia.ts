import { Connection, type ConnectionEvents } from '../client/connection.ts'
import { type TcpAddress, tcpTransport } from '../client/transport.ts'
import { BenchError } from '../errors.ts'
import type { AnswerReader } from '../wire/answer-reader.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from '../wire/frame.ts'
import type { FieldRange } from '../wire/request-reader.ts'
import { ConsumerWriter, ProduceWriter } from '../wire/request-writer.ts'
import type {
  ChannelEvents,
  ChannelOptions,
  ConsumerChannel,
  ConsumerEvents,
  ConsumerOptions,
  Driver,
  ProducerChannel,
  ProducerEvents,
  ProducerOptions,
} from './driver.ts'
import { TextPayloadReader, TextPayloadWriter } from './text-payload.ts'

export interface MamamiaDriverOptions {
  readonly address: TcpAddress
}

/** Speaks the Mamamia protocol, one TCP connection a channel. */
export function mamamiaDriver(options: MamamiaDriverOptions): Driver {
  const open = tcpTransport(options.address)
  const connect = (channel: ChannelOptions, events: ConnectionEvents) =>
    new Connection(
      {
        open,
        clock: channel.clock,
        requestTimeoutMs: channel.requestTimeoutMs,
        openRequestsMax: channel.pipeline,
      },
      events,
    )
  return {
    name: 'mamamia',
    openProducer: (producer, events) => new MamamiaProducer(connect, producer, events),
    openConsumer: (consumer, events) => new MamamiaConsumer(connect, consumer, events),
  }
}

type Connect = (channel: ChannelOptions, events: ConnectionEvents) => Connection

class MamamiaProducer implements ProducerChannel {
  readonly #connection: Connection
  readonly #request: ProduceWriter
  readonly #payload: TextPayloadWriter

  constructor(connect: Connect, options: ProducerOptions, events: ProducerEvents) {
    this.#payload = new TextPayloadWriter(options.text)
    this.#request = new ProduceWriter(options.logId)
    this.#connection = connect(options, {
      ...channelEvents(events),
      answered(_command, answer, _bytes, sentNs) {
        if (answer.kind === 'error') events.refused(answer.errorText)
        else events.acknowledged(answer.messageId, sentNs)
      },
    })
  }

  get openRequests(): number {
    return this.#connection.openRequests
  }

  produce(sequence: number): void {
    const output = this.#connection.begin(PRODUCE)
    const payload = this.#payload
    this.#request.write(output, payload.choose(sequence), payload.write)
  }

  flush(): void {
    this.#connection.flush()
  }

  close(): void {
    this.#connection.close()
  }
}

class MamamiaConsumer implements ConsumerChannel {
  readonly #connection: Connection
  readonly #request: ConsumerWriter
  readonly #events: ConsumerEvents
  readonly #text = new TextPayloadReader()
  readonly #logId: Buffer

  constructor(connect: Connect, options: ConsumerOptions, events: ConsumerEvents) {
    this.#events = events
    this.#logId = Buffer.from(options.logId)
    this.#request = new ConsumerWriter(options, options.leaseMs / 1000)
    this.#connection = connect(options, {
      ...channelEvents(events),
      answered: this.#answered.bind(this),
    })
  }

  get openRequests(): number {
    return this.#connection.openRequests
  }

  acquire(): void {
    this.#request.acquire(this.#connection.begin(ACQUIRE_NEXT))
  }

  settle(messageId: number, success: boolean): void {
    this.#request.settle(this.#connection.begin(SETTLE), messageId, success)
  }

  flush(): void {
    this.#connection.flush()
  }

  close(): void {
    this.#connection.close()
  }

  #answered(command: number, answer: AnswerReader, bytes: Buffer, sentNs: number): void {
    const events = this.#events
    switch (answer.kind) {
      case 'message':
        return this.#delivered(answer, bytes, sentNs)
      case 'empty':
        return events.empty(sentNs)
      case 'settled':
        return events.settled(sentNs)
      case 'error':
        return command === SETTLE
          ? events.settleRefused(answer.errorText, sentNs)
          : events.acquireRefused(answer.errorText)
      case 'produced':
        throw new BenchError('ANSWER_INVALID', 'Cannot use an answer to PRODUCE: none was sent')
      default:
        return answer.kind satisfies never
    }
  }

  #delivered(answer: AnswerReader, bytes: Buffer, sentNs: number): void {
    const { payload, logId, messageId } = answer
    const text = this.#text
    text.read(bytes, payload.start, payload.end)
    // A message of another log must not pass for ours, whatever its payload says.
    const foreign = logId.start >= 0 && !isAt(this.#logId, bytes, logId)
    this.#events.delivered(messageId, bytes, foreign ? -1 : text.start, text.end, sentNs)
  }
}

function isAt(text: Buffer, bytes: Buffer, { start, end }: FieldRange): boolean {
  if (end - start !== text.length) return false
  // Too short for a native comparison to pay.
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[start + index] !== text[index]) return false
  }
  return true
}

/** Events that a connection and a channel have in common, but for what only channels must know. */
function channelEvents(events: ChannelEvents): Omit<ConnectionEvents, 'answered'> {
  return {
    opened: () => events.opened(),
    batchStarted: nowNs => events.batchStarted(nowNs),
    batchEnded: () => events.batchEnded(),
    closed: error => events.closed(error),
  }
}
