import type { Clock } from '../clock.ts'
import { Broker } from '../server/broker.ts'
import type { Group, SettleOutcome } from '../server/group.ts'
import { DEFAULT_LIMITS } from '../server/limits.ts'
import type { LogCounters } from '../server/log.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from '../wire/frame.ts'

export type Request = ProduceRequest | AcquireRequest | SettleRequest

export interface ProduceRequest {
  readonly kind: 'produce'
  readonly logId: string
  /** One encoded value. */
  readonly payload: Buffer
  /** One encoded map, or empty. */
  readonly metadata: Buffer
}

export interface AcquireRequest {
  readonly kind: 'acquire'
  readonly logId: string
  readonly groupId: string
  readonly clientId: string
  readonly leaseNs: number
}

export interface SettleRequest {
  readonly kind: 'settle'
  readonly logId: string
  readonly groupId: string
  readonly clientId: string
  readonly messageId: number
  readonly success: boolean
}

const COMMANDS = { produce: PRODUCE, acquire: ACQUIRE_NEXT, settle: SETTLE } as const

/** The command byte that answers to `request` carry. */
export function commandOf(request: Request): number {
  return COMMANDS[request.kind]
}

export type Answer =
  | { readonly kind: 'produced'; readonly messageId: number }
  | MessageAnswer
  | { readonly kind: 'empty' }
  | { readonly kind: 'settled' }
  | { readonly kind: 'refused'; readonly reason: string }

export interface MessageAnswer {
  readonly kind: 'message'
  readonly messageId: number
  readonly logId: string
  readonly payload: Buffer
  readonly metadata: Buffer
}

export const PROCESSED_ALREADY = 'The message is processed or dead already'

const REFUSALS: Readonly<Record<Exclude<SettleOutcome, 'settled'>, string>> = {
  'not-owner': 'Client does not own the lease for this message',
  'never-produced': 'The message was never produced',
  'never-leased': 'The message was never leased',
  final: PROCESSED_ALREADY,
}

/** What an honest server answers: the product's own logs, with requests and answers as data. */
export class Truth {
  readonly #broker = new Broker(DEFAULT_LIMITS)
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  answer(request: Request): Answer {
    switch (request.kind) {
      case 'produce':
        return { kind: 'produced', messageId: this.#append(request) }
      case 'acquire':
        return this.#acquire(request)
      case 'settle':
        return this.#settle(request)
      default:
        return request satisfies never
    }
  }

  counters(logId: string): LogCounters | undefined {
    return this.#broker.counters(this.#clock.nowNs()).logs[logId]
  }

  #append({ logId, payload, metadata }: ProduceRequest): number {
    const bytes = Buffer.concat([payload, metadata])
    const payloadRange = { start: 0, end: payload.length }
    const metadataRange = { start: payload.length, end: bytes.length }
    return this.#broker.append(this.#broker.openLog(logId), bytes, payloadRange, metadataRange)
  }

  #acquire(request: AcquireRequest): Answer {
    const { logId, clientId, leaseNs } = request
    const log = this.#broker.log(logId)
    const group = this.#group(request)
    if (log === undefined || group === undefined) return { kind: 'empty' }
    const client = this.#broker.clientNumber(clientId)
    const messageId = group.acquire(client, leaseNs, this.#clock.nowNs(), log.appended)
    if (messageId < 0) return { kind: 'empty' }
    const { stored, start, payloadBytes, metadataBytes } = log.read(messageId)
    const { bytes } = stored
    const payloadEnd = start + payloadBytes
    return {
      kind: 'message',
      messageId,
      logId,
      payload: Buffer.from(bytes.subarray(start, payloadEnd)),
      metadata: Buffer.from(bytes.subarray(payloadEnd, payloadEnd + metadataBytes)),
    }
  }

  #settle(request: SettleRequest): Answer {
    const { logId, clientId, messageId, success } = request
    const group = this.#group(request)
    const client = this.#broker.clientNumber(clientId)
    const appended = this.#broker.log(logId)?.appended ?? 0
    const outcome =
      group?.settle(messageId, client, success, this.#clock.nowNs(), appended) ?? 'never-produced'
    return outcome === 'settled'
      ? { kind: 'settled' }
      : { kind: 'refused', reason: REFUSALS[outcome] }
  }

  #group({ logId, groupId }: AcquireRequest | SettleRequest): Group | undefined {
    return this.#broker.log(logId)?.openGroup(groupId, DEFAULT_LIMITS.groupsPerLogMax)
  }
}
