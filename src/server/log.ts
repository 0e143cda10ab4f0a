import { BenchError } from '../errors.ts'
import type { StoredMessage } from '../wire/answer-writer.ts'
import type { FieldRange } from '../wire/request-reader.ts'
import { Group, type GroupCounters } from './group.ts'
import { MessageStore } from './message-store.ts'

export interface LogCounters {
  readonly appended: number
  readonly groups: Readonly<Record<string, GroupCounters>>
}

/** One append-only log with its consumer groups. Like its groups it is pure: no I/O, no clock. */
export class Log {
  /** UTF-8, as answers repeat it. */
  readonly idBytes: Buffer
  readonly #store = new MessageStore()
  readonly #groups = new Map<string, Group>()

  constructor(id: string) {
    this.idBytes = Buffer.from(id)
  }

  get appended(): number {
    return this.#store.count
  }

  append(bytes: Buffer, payload: FieldRange, metadata: FieldRange): number {
    return this.#store.append(bytes, payload, metadata)
  }

  /** The result is valid until the next call. */
  read(messageId: number): StoredMessage {
    return this.#store.read(messageId)
  }

  group(groupId: string): Group | undefined {
    return this.#groups.get(groupId)
  }

  /** Throws `LIMIT_EXCEEDED` rather than keep more than `groupsMax` groups. */
  openGroup(groupId: string, groupsMax: number): Group {
    const known = this.#groups.get(groupId)
    if (known !== undefined) return known
    if (this.#groups.size >= groupsMax) {
      const message = `Cannot open another consumer group: the limit is ${groupsMax} for a log`
      throw new BenchError('LIMIT_EXCEEDED', message)
    }
    const group = new Group()
    this.#groups.set(groupId, group)
    return group
  }

  counters(nowNs: number): LogCounters {
    const groups = [...this.#groups].map(([id, group]): [string, GroupCounters] => [
      id,
      group.counters(nowNs, this.appended),
    ])
    return { appended: this.appended, groups: Object.fromEntries(groups) }
  }
}
