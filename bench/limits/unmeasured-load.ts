import { systemClock } from '../../src/clock.ts'
import type { ChannelEvents, ConsumerChannel, TextWriter } from '../../src/driver/driver.ts'
import { mamamiaDriver } from '../../src/driver/mamamia.ts'

/**
 * The requests of a closed-loop scenario through the product's own driver, with nothing measured and
 * nothing checked: no ledger, no histogram, no clock per batch. After a tenth of them as warm-up it
 * prints messages a second, from the first PRODUCE to the last SETTLE.
 */
const [port = 0, msgs = 0, producers = 0, consumers = 0, pipeline = 1, backoffMaxMs = 16] =
  process.argv.slice(2).map(Number)
const PAYLOAD = Buffer.from('bench-0-123456')
const text: TextWriter = {
  payloadBytesOf: () => 0,
  textBytesOf: () => PAYLOAD.length,
  write(target, offset) {
    for (let index = 0; index < PAYLOAD.length; index += 1) {
      target[offset + index] = PAYLOAD[index] ?? 0
    }
  },
}
const driver = mamamiaDriver({ address: { host: '127.0.0.1', port } })

/** Returns messages a second. */
function run(messages: number, log: string): Promise<number> {
  const done = Promise.withResolvers<number>()
  const state = { opening: producers + consumers, settled: 0, startedNs: 0 }
  const starts: (() => void)[] = []
  const common: Pick<ChannelEvents, 'opened' | 'batchStarted' | 'closed'> = {
    opened() {
      state.opening -= 1
      if (state.opening > 0) return
      state.startedNs = systemClock.nowNs()
      for (const start of starts) start()
    },
    batchStarted() {},
    closed: done.reject,
  }
  const refused = (reason: string) => done.reject(new Error(reason))
  const channel = {
    clock: systemClock,
    logId: `unmeasured-${process.pid}-${log}`,
    pipeline,
    requestTimeoutMs: 20_000,
  }

  const openProducer = (share: number) => {
    let sequence = 0
    const fill = () => {
      while (producer.openRequests < pipeline && sequence < share) {
        producer.produce(sequence)
        sequence += 1
      }
      producer.flush()
    }
    const events = { ...common, acknowledged() {}, refused, batchEnded: fill }
    const producer = driver.openProducer({ ...channel, text }, events)
    starts.push(fill)
  }

  const openConsumer = (number: number) => {
    const asking = new Asking()
    const proceed = () => {
      if (state.settled === messages) {
        return done.resolve(messages / ((systemClock.nowNs() - state.startedNs) / 1e9))
      }
      asking.ask(consumer)
    }
    const consumer = driver.openConsumer(
      { ...channel, groupId: 'bench', clientId: `c${number}`, leaseMs: 30_000 },
      {
        ...common,
        delivered(messageId) {
          asking.found()
          consumer.settle(messageId, true)
        },
        empty: () => asking.foundNothing(proceed),
        settled() {
          state.settled += 1
        },
        acquireRefused: refused,
        settleRefused: refused,
        batchEnded: proceed,
      },
    )
    starts.push(proceed)
  }

  for (let index = 0; index < producers; index += 1) {
    openProducer(Math.floor(messages / producers) + (index < messages % producers ? 1 : 0))
  }
  for (let index = 0; index < consumers; index += 1) openConsumer(index)
  return done.promise
}

/** How a consumer asks: up to its pipeline, and more seldom while it finds nothing. */
class Asking {
  #window = pipeline
  #open = 0
  #backoffMs = 1
  #isAsleep = false

  ask(consumer: ConsumerChannel): void {
    while (!this.#isAsleep && this.#open < this.#window && consumer.openRequests < pipeline) {
      this.#open += 1
      consumer.acquire()
    }
    consumer.flush()
  }

  found(): void {
    this.#open -= 1
    this.#backoffMs = 1
    this.#window = Math.min(this.#window * 2, pipeline)
  }

  foundNothing(proceed: () => void): void {
    this.#open -= 1
    this.#window = 1
    if (this.#isAsleep) return
    this.#isAsleep = true
    setTimeout(() => {
      this.#isAsleep = false
      proceed()
    }, this.#backoffMs)
    this.#backoffMs = Math.min(this.#backoffMs * 2, backoffMaxMs)
  }
}

await run(Math.ceil(msgs / 10), 'warm-up')
process.stdout.write(`${await run(msgs, 'run')}\n`, () => process.exit(0))
