import type { Clock } from '../clock.ts'
import type { BenchError } from '../errors.ts'

/**
 * A message system as a load thread sees it. Everything is callbacks in batches: what arrived in
 * one read is reported between `batchStarted` and `batchEnded`, and what was asked for meanwhile
 * leaves with one `flush`. No promise and no object is made per message.
 */
export interface Driver {
  readonly name: string
  openProducer(options: ProducerOptions, events: ProducerEvents): ProducerChannel
  openConsumer(options: ConsumerOptions, events: ConsumerEvents): ConsumerChannel
}

export interface ChannelOptions {
  readonly clock: Clock
  readonly logId: string
  /** Requests outstanding at most. */
  readonly pipeline: number
  readonly requestTimeoutMs: number
}

export interface ProducerOptions extends ChannelOptions {
  readonly text: TextWriter
}

/** Writes the text of a message in ASCII where its frame is built. */
export interface TextWriter {
  /** MessagePack size that the payload must have; 0 when its text alone decides. */
  payloadBytesOf(sequence: number): number
  /** Length of the text where the size is free. */
  textBytesOf(sequence: number): number
  /** Writes exactly `textBytes` bytes at `offset`, in a payload of a given size with padding. */
  write(target: Uint8Array, offset: number, sequence: number, textBytes: number): void
}

export interface ConsumerOptions extends ChannelOptions {
  readonly groupId: string
  readonly clientId: string
  readonly leaseMs: number
}

export interface Channel {
  /** Requests without an answer yet. */
  readonly openRequests: number
  flush(): void
  /** No event follows. */
  close(): void
}

export interface ProducerChannel extends Channel {
  produce(sequence: number): void
}

export interface ConsumerChannel extends Channel {
  acquire(): void
  settle(messageId: number, success: boolean): void
}

export interface ChannelEvents {
  opened(): void
  /** The time holds for the whole batch. */
  batchStarted(nowNs: number): void
  batchEnded(): void
  /** The last event, also of a batch that it interrupts; what became of open requests is unknown. */
  closed(error: BenchError): void
}

/** Answers come in the order of the requests; `sentNs` is when the request left. */
export interface ProducerEvents extends ChannelEvents {
  /** `messageId` is what the system calls the message; deliveries must say the same. */
  acknowledged(messageId: number, sentNs: number): void
  refused(reason: string): void
}

export interface ConsumerEvents extends ChannelEvents {
  /**
   * A leased message. Its text stands in `bytes` from `start` to `end`, valid until the call
   * returns; `start` is -1 when the body is not of the form that `produce` gave it.
   */
  delivered(messageId: number, bytes: Buffer, start: number, end: number, sentNs: number): void
  empty(sentNs: number): void
  acquireRefused(reason: string): void
  settled(sentNs: number): void
  settleRefused(reason: string, sentNs: number): void
}
