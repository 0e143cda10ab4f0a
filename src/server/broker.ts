import { isUtf8 } from 'node:buffer'
import { BenchError } from '../errors.ts'
import type { FieldRange } from '../wire/request-reader.ts'
import type { SettleOutcome } from './group.ts'
import type { ServerLimits } from './limits.ts'
import { Log, type LogCounters } from './log.ts'

export type RefusalKind =
  | Exclude<SettleOutcome, 'settled'>
  | 'invalid-request'
  | 'unknown-command'
  | 'limit'
  | 'broken-frame'

export interface ServerCounters {
  readonly logs: Readonly<Record<string, LogCounters>>
  readonly refusals: Readonly<Partial<Record<RefusalKind, number>>>
}

/** All logs of a server, the client ids it knows, and its counters. Pure like the logs. */
export class Broker {
  readonly limits: ServerLimits
  readonly #logs = new Map<string, Log>()
  readonly #clients = new Map<string, number>()
  readonly #refusals = new Map<RefusalKind, number>()
  #messages = 0
  #storedBytes = 0

  constructor(limits: ServerLimits) {
    this.limits = limits
  }

  log(id: string): Log | undefined {
    return this.#logs.get(id)
  }

  /** Throws `LIMIT_EXCEEDED` when a new log would be one too many. */
  openLog(id: string): Log {
    const known = this.#logs.get(id)
    if (known !== undefined) return known
    checkLimit(this.#logs.size, this.limits.logsMax, 'open another log')
    const log = new Log(id)
    this.#logs.set(id, log)
    return log
  }

  /** Throws `LIMIT_EXCEEDED` instead of storing more messages or bytes than the limits allow. */
  append(log: Log, bytes: Buffer, payload: FieldRange, metadata: FieldRange): number {
    const metadataBytes = metadata.start < 0 ? 0 : metadata.end - metadata.start
    const messageBytes = payload.end - payload.start + metadataBytes
    checkLimit(this.#messages, this.limits.messagesMax, 'store another message')
    if (this.#storedBytes + messageBytes > this.limits.storedBytesMax) {
      const message = `Cannot store ${messageBytes} bytes more: the limit is ${this.limits.storedBytesMax}`
      throw new BenchError('LIMIT_EXCEEDED', message)
    }
    this.#messages += 1
    this.#storedBytes += messageBytes
    return log.append(bytes, payload, metadata)
  }

  /** The number, from 1, by which groups know the client. */
  clientNumber(id: string): number {
    const known = this.#clients.get(id)
    if (known !== undefined) return known
    checkLimit(this.#clients.size, this.limits.clientsMax, 'serve another client id')
    const number = this.#clients.size + 1
    this.#clients.set(id, number)
    return number
  }

  countRefusal(kind: RefusalKind): void {
    this.#refusals.set(kind, (this.#refusals.get(kind) ?? 0) + 1)
  }

  counters(nowNs: number): ServerCounters {
    const logs = [...this.#logs].map(([id, log]): [string, LogCounters] => [
      id,
      log.counters(nowNs),
    ])
    return { logs: Object.fromEntries(logs), refusals: Object.fromEntries(this.#refusals) }
  }
}

/** Decodes an id from the wire; throws `REQUEST_INVALID` when it is not UTF-8. */
export function decodeId(bytes: Buffer, range: FieldRange): string {
  const { start, end } = range
  if (!isUtf8(bytes.subarray(start, end))) {
    throw new BenchError('REQUEST_INVALID', 'Cannot accept the request: an id is not valid UTF-8')
  }
  return bytes.toString('utf8', start, end)
}

function checkLimit(present: number, limit: number, action: string): void {
  if (present >= limit) {
    throw new BenchError('LIMIT_EXCEEDED', `Cannot ${action}: the limit is ${limit}`)
  }
}
