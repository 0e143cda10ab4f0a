import { type Clock, NS_PER_MS } from '../clock.ts'
import type {
  ChannelEvents,
  ConsumerChannel,
  ConsumerEvents,
  ConsumerOptions,
  Driver,
  ProducerChannel,
  ProducerEvents,
  ProducerOptions,
} from '../driver/driver.ts'
import { TextPayloadReader, TextPayloadWriter } from '../driver/text-payload.ts'
import { BenchError } from '../errors.ts'
import type { Lie } from './lies/lie.ts'
import type { Answer, Request, Truth } from './truth.ts'

export interface Simulation {
  readonly clock: Clock
  readonly truth: Truth
  readonly lie: Lie
  /** From a request until its answer, at the end of which the server looks at it. */
  readonly answerMs: number
}

/** A server and the way to it in memory: what happens depends on the clock alone. */
export function simulatedDriver(simulation: Simulation): Driver {
  return {
    name: 'simulated',
    openProducer: (options, events) => producerChannel(simulation, options, events),
    openConsumer: (options, events) => consumerChannel(simulation, options, events),
  }
}

function producerChannel(
  simulation: Simulation,
  { logId, text }: ProducerOptions,
  events: ProducerEvents,
): ProducerChannel {
  const line = new Line(simulation, events, (answer, sentNs) => {
    if (answer.kind === 'refused') events.refused(answer.reason)
    else if (answer.kind === 'produced') events.acknowledged(answer.messageId, sentNs)
    else throw new TypeError(`An answer to PRODUCE cannot be ${answer.kind}`)
  })
  const writer = new TextPayloadWriter(text)
  return line.channel({
    produce(sequence: number) {
      const payload = Buffer.alloc(writer.choose(sequence))
      writer.write(payload, 0)
      line.send({ kind: 'produce', logId, payload, metadata: Buffer.alloc(0) })
    },
  })
}

function consumerChannel(
  simulation: Simulation,
  { logId, groupId, clientId, leaseMs }: ConsumerOptions,
  events: ConsumerEvents,
): ConsumerChannel {
  const text = new TextPayloadReader()
  const line = new Line(simulation, events, (answer, sentNs, request) => {
    switch (answer.kind) {
      case 'message': {
        const { payload, messageId } = answer
        text.read(payload, 0, payload.length)
        const start = answer.logId === logId ? text.start : -1
        return events.delivered(messageId, payload, start, text.end, sentNs)
      }
      case 'empty':
        return events.empty(sentNs)
      case 'settled':
        return events.settled(sentNs)
      case 'refused':
        return request.kind === 'settle'
          ? events.settleRefused(answer.reason, sentNs)
          : events.acquireRefused(answer.reason)
      case 'produced':
        throw new RangeError('A consumer gets no answer to PRODUCE')
      default:
        return answer satisfies never
    }
  })
  const consumer = { logId, groupId, clientId }
  return line.channel({
    acquire: () => line.send({ kind: 'acquire', ...consumer, leaseNs: leaseMs * NS_PER_MS }),
    settle: (messageId: number, success: boolean) =>
      line.send({ kind: 'settle', ...consumer, messageId, success }),
  })
}

/** One connection: what leaves in one flush is answered in one batch. */
class Line {
  readonly #simulation: Simulation
  readonly #events: ChannelEvents
  readonly #answered: (answer: Answer, sentNs: number, request: Request) => void
  #unflushed: Request[] = []
  #openRequests = 0
  #isSilent = false
  #isClosed = false

  constructor(
    simulation: Simulation,
    events: ChannelEvents,
    answered: (answer: Answer, sentNs: number, request: Request) => void,
  ) {
    this.#simulation = simulation
    this.#events = events
    this.#answered = answered
    simulation.clock.setTimer(() => events.opened(), 0)
  }

  channel<Commands extends object>(commands: Commands) {
    const line = this
    return {
      ...commands,
      get openRequests() {
        return line.#openRequests
      },
      flush: () => line.#flush(),
      close: () => {
        line.#isClosed = true
      },
    }
  }

  send(request: Request): void {
    this.#openRequests += 1
    this.#unflushed.push(request)
  }

  #flush(): void {
    if (this.#unflushed.length === 0) return
    const { clock, answerMs } = this.#simulation
    const sentNs = clock.nowNs()
    const requests = this.#unflushed
    this.#unflushed = []
    clock.setTimer(() => this.#answer(requests, sentNs), answerMs)
  }

  #answer(requests: readonly Request[], sentNs: number): void {
    const { clock, lie, truth } = this.#simulation
    if (this.#isClosed || this.#isSilent) return
    this.#events.batchStarted(clock.nowNs())
    for (const request of requests) {
      if (this.#isClosed) return
      const reply = lie(request, truth)
      if (reply.kind === 'silence') {
        this.#isSilent = true
        return
      }
      if (reply.kind === 'hang-up') {
        this.#isClosed = true
        const error = new BenchError('CONNECTION_CLOSED', 'The server closed the connection')
        return this.#events.closed(error)
      }
      if (reply.kind === 'raw' || reply.kind === 'delayed') {
        throw new RangeError(`Cannot simulate a reply that is ${reply.kind}`)
      }
      this.#openRequests -= 1
      this.#answered(reply, sentNs, request)
    }
    if (!this.#isClosed) this.#events.batchEnded()
  }
}
