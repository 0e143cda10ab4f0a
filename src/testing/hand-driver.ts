import type { Clock } from '../clock.ts'
import type {
  ConsumerChannel,
  ConsumerEvents,
  ConsumerOptions,
  Driver,
  ProducerChannel,
  ProducerEvents,
  ProducerOptions,
} from '../driver/driver.ts'

/** A driver whose channels answer when a test says so, and what it says. */
export class HandDriver implements Driver {
  readonly name = 'by hand'
  readonly producers: HandProducer[] = []
  readonly consumers: HandConsumer[] = []

  openProducer(options: ProducerOptions, events: ProducerEvents): ProducerChannel {
    const producer = new HandProducer(options.clock, events)
    this.producers.push(producer)
    return producer
  }

  openConsumer(options: ConsumerOptions, events: ConsumerEvents): ConsumerChannel {
    const consumer = new HandConsumer(options.clock, events)
    this.consumers.push(consumer)
    return consumer
  }
}

class HandChannel {
  readonly clock: Clock
  /** Requests without an answer, oldest first: what was asked, and when it left. */
  readonly open: { readonly asked: string; readonly sentNs: number }[] = []
  isClosed = false
  #unflushed: string[] = []

  constructor(clock: Clock) {
    this.clock = clock
  }

  get openRequests(): number {
    return this.open.length + this.#unflushed.length
  }

  /** What was asked and has no answer: `['settle 3', 'acquire']`. */
  get asked(): readonly string[] {
    return this.open.map(({ asked }) => asked)
  }

  flush(): void {
    const sentNs = this.clock.nowNs()
    for (const asked of this.#unflushed) this.open.push({ asked, sentNs })
    this.#unflushed = []
  }

  close(): void {
    this.isClosed = true
  }

  protected ask(asked: string): void {
    this.#unflushed.push(asked)
  }

  /** When the oldest request left, which must be of the kind that is answered. */
  protected takeSentNs(kind: string): number {
    const oldest = this.open.shift()
    if (oldest?.asked.startsWith(kind) !== true) {
      throw new RangeError(`Cannot answer ${kind}: the oldest request is ${oldest?.asked}`)
    }
    return oldest.sentNs
  }
}

export class HandProducer extends HandChannel implements ProducerChannel {
  readonly events: ProducerEvents
  #acknowledged = 0

  constructor(clock: Clock, events: ProducerEvents) {
    super(clock)
    this.events = events
  }

  produce(sequence: number): void {
    this.ask(`produce ${sequence}`)
  }

  /** Acknowledges the `count` oldest requests in one read; ids count from 0. */
  acknowledge(count: number): void {
    this.events.batchStarted(this.clock.nowNs())
    for (let left = count; left > 0; left -= 1) {
      this.events.acknowledged(this.#acknowledged, this.takeSentNs('produce'))
      this.#acknowledged += 1
    }
    this.events.batchEnded()
  }
}

/** A delivery is the text of the message; its id is the sequence in that text, or 0. */
export type HandAnswer =
  | { readonly deliver: string }
  | { readonly refuse: string }
  | 'empty'
  | 'settled'

export class HandConsumer extends HandChannel implements ConsumerChannel {
  readonly events: ConsumerEvents

  constructor(clock: Clock, events: ConsumerEvents) {
    super(clock)
    this.events = events
  }

  acquire(): void {
    this.ask('acquire')
  }

  settle(messageId: number, success: boolean): void {
    this.ask(`settle ${messageId}${success ? '' : ' failed'}`)
  }

  /** One read with these answers, to the oldest requests. */
  answer(...answers: readonly HandAnswer[]): void {
    this.answerAndThen(answers, () => {})
  }

  /** Like `answer`, but `meanwhile` happens before what the answers lead to can leave. */
  answerAndThen(answers: readonly HandAnswer[], meanwhile: () => void): void {
    this.events.batchStarted(this.clock.nowNs())
    for (const answer of answers) this.#give(answer)
    meanwhile()
    if (!this.isClosed) this.events.batchEnded()
  }

  #give(answer: HandAnswer): void {
    if (answer === 'empty') return this.events.empty(this.takeSentNs('acquire'))
    if (answer === 'settled') return this.events.settled(this.takeSentNs('settle'))
    if ('refuse' in answer) {
      return this.events.settleRefused(answer.refuse, this.takeSentNs('settle'))
    }
    const text = Buffer.from(answer.deliver)
    const messageId = Number(/-(\d+)\.*$/.exec(answer.deliver)?.[1] ?? 0)
    this.events.delivered(messageId, text, 0, text.length, this.takeSentNs('acquire'))
  }
}
