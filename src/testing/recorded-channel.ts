import { expect } from 'vitest'
import { systemClock } from '../clock.ts'
import type {
  ChannelEvents,
  ConsumerChannel,
  ConsumerOptions,
  Driver,
  ProducerChannel,
} from '../driver/driver.ts'
import type { BenchError } from '../errors.ts'

/** Everything that happened on a channel, in order; answers with when their request left. */
export type RecordedEvent =
  | { readonly kind: 'opened' }
  | { readonly kind: 'batchStarted'; readonly nowNs: number }
  | { readonly kind: 'batchEnded' }
  | { readonly kind: 'closed'; readonly error: BenchError }
  | { readonly kind: 'acknowledged'; readonly messageId: number; readonly sentNs: number }
  | { readonly kind: 'empty' | 'settled'; readonly sentNs: number }
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'delivered'
      readonly messageId: number
      /** `undefined` when it is not of the form that `produce` gives it. */
      readonly text: string | undefined
      readonly sentNs: number
    }

export interface Recorded<Channel> {
  readonly channel: Channel
  readonly events: RecordedEvent[]
}

export interface RecordedOptions {
  readonly logId: string
  readonly pipeline?: number
}

/** Messages with these texts, by their sequence. */
export function recordProducer(
  driver: Driver,
  options: RecordedOptions & {
    readonly texts: readonly string[]
    /** By their sequence; 0 is free, else the text must be of the length that makes it so. */
    readonly payloadBytes?: readonly number[]
  },
): Recorded<ProducerChannel> {
  const events: RecordedEvent[] = []
  const texts = options.texts.map(text => Buffer.from(text, 'latin1'))
  const channel = driver.openProducer(
    {
      ...channelOptions(options),
      text: {
        payloadBytesOf: sequence => options.payloadBytes?.[sequence] ?? 0,
        textBytesOf: sequence => texts[sequence]?.length ?? 0,
        write: (target, offset, sequence) => {
          const text = texts[sequence]
          if (text !== undefined) target.set(text, offset)
        },
      },
    },
    {
      ...channelEvents(events),
      acknowledged: (messageId, sentNs) => events.push({ kind: 'acknowledged', messageId, sentNs }),
      refused: reason => events.push({ kind: 'refused', reason }),
    },
  )
  return { channel, events }
}

export function recordConsumer(
  driver: Driver,
  options: RecordedOptions & Partial<ConsumerOptions>,
): Recorded<ConsumerChannel> {
  const events: RecordedEvent[] = []
  const channel = driver.openConsumer(
    {
      ...channelOptions(options),
      groupId: options.groupId ?? 'group',
      clientId: options.clientId ?? 'client',
      leaseMs: options.leaseMs ?? 30_000,
    },
    {
      ...channelEvents(events),
      delivered(messageId, bytes, start, end, sentNs) {
        const text = start < 0 ? undefined : bytes.toString('latin1', start, end)
        events.push({ kind: 'delivered', messageId, text, sentNs })
      },
      empty: sentNs => events.push({ kind: 'empty', sentNs }),
      settled: sentNs => events.push({ kind: 'settled', sentNs }),
      acquireRefused: reason => events.push({ kind: 'refused', reason }),
      settleRefused: reason => events.push({ kind: 'refused', reason }),
    },
  )
  return { channel, events }
}

/** The answers without their batches. */
export function answersOf({ events }: Recorded<unknown>): readonly RecordedEvent[] {
  const around: readonly RecordedEvent['kind'][] = [
    'opened',
    'batchStarted',
    'batchEnded',
    'closed',
  ]
  return events.filter(event => !around.includes(event.kind))
}

/** Sends what was asked for; resolves with the answers, all of them since the last call. */
export async function answered(
  recorded: Recorded<ProducerChannel | ConsumerChannel>,
): Promise<readonly RecordedEvent[]> {
  const { channel, events } = recorded
  channel.flush()
  await expect.poll(() => channel.openRequests, { interval: 1 }).toBe(0)
  const answers = answersOf(recorded)
  events.splice(0)
  return answers
}

function channelOptions({ logId, pipeline = 64 }: RecordedOptions) {
  return { clock: systemClock, logId, pipeline, requestTimeoutMs: 10_000 }
}

function channelEvents(events: RecordedEvent[]): ChannelEvents {
  return {
    opened: () => events.push({ kind: 'opened' }),
    batchStarted: nowNs => events.push({ kind: 'batchStarted', nowNs }),
    batchEnded: () => events.push({ kind: 'batchEnded' }),
    closed: error => events.push({ kind: 'closed', error }),
  }
}
