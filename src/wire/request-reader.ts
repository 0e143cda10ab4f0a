import { BenchError } from '../errors.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from './frame.ts'
import { MessagePackReader } from './reader.ts'

export const ID_BYTES_MAX = 255
export const LEASE_SECONDS_MIN = 0.001
export const LEASE_SECONDS_MAX = 43_200
export const LEASE_SECONDS_DEFAULT = 30

const NAMES = {
  log_id: Buffer.from('log_id'),
  group_id: Buffer.from('group_id'),
  client_id: Buffer.from('client_id'),
  payload: Buffer.from('payload'),
  metadata: Buffer.from('metadata'),
  duration: Buffer.from('duration'),
  message_id: Buffer.from('message_id'),
  success: Buffer.from('success'),
} as const
type FieldName = keyof typeof NAMES

/** A byte range of the request body; `start` is -1 when the field is absent. */
export interface FieldRange {
  start: number
  end: number
}

/**
 * Reads the fields of a request where they lie. One instance serves a connection and is
 * overwritten by every `read`; ranges point into the bytes given to it.
 */
export class RequestReader {
  readonly #reader = new MessagePackReader()
  readonly logId: FieldRange = { start: -1, end: -1 }
  readonly groupId: FieldRange = { start: -1, end: -1 }
  readonly clientId: FieldRange = { start: -1, end: -1 }
  readonly payload: FieldRange = { start: -1, end: -1 }
  /** Absent and nil are the same: `start` is -1. */
  readonly metadata: FieldRange = { start: -1, end: -1 }
  leaseSeconds = LEASE_SECONDS_DEFAULT
  messageId = -1
  success: boolean | undefined
  #command = 0
  #problem: string | undefined

  /**
   * Throws `MESSAGEPACK_INVALID` when the body is not one whole map, which is a broken frame, and
   * `REQUEST_INVALID` when a field of `command` is missing or has a wrong type or range.
   */
  read(command: number, bytes: Buffer, start: number, end: number): void {
    this.#clear(command)
    const reader = this.#reader
    reader.reset(bytes, start, end)
    for (let left = reader.readMapSize(); left > 0; left -= 1) {
      if (reader.peekIsString()) {
        reader.readString()
        if (!this.#readField()) reader.skip()
      } else {
        reader.skip()
        reader.skip()
      }
    }
    if (!reader.atEnd) {
      const message = `Cannot read a request: ${end - reader.offset} bytes follow its map`
      throw new BenchError('MESSAGEPACK_INVALID', message)
    }
    this.#check()
  }

  /**
   * Reads the value of the key that was read last if it is a field of the command. Fields of other
   * commands are unknown keys like any other.
   */
  #readField(): boolean {
    const reader = this.#reader
    const command = this.#command
    const isKnown = command === PRODUCE || command === ACQUIRE_NEXT || command === SETTLE
    if (!isKnown) return false
    // The lengths tell most names apart, so that a field costs one comparison of bytes.
    switch (reader.stringEnd - reader.stringStart) {
      case 6:
        return reader.stringIs(NAMES.log_id) && this.#readId('log_id', this.logId)
      case 7:
        if (command === PRODUCE) return reader.stringIs(NAMES.payload) && this.#readPayload()
        return command === SETTLE && reader.stringIs(NAMES.success) && this.#readSuccess()
      case 8:
        if (command === PRODUCE) return reader.stringIs(NAMES.metadata) && this.#readMetadata()
        if (reader.stringIs(NAMES.group_id)) return this.#readId('group_id', this.groupId)
        return command === ACQUIRE_NEXT && reader.stringIs(NAMES.duration) && this.#readDuration()
      case 9:
        return (
          command !== PRODUCE &&
          reader.stringIs(NAMES.client_id) &&
          this.#readId('client_id', this.clientId)
        )
      case 10:
        return command === SETTLE && reader.stringIs(NAMES.message_id) && this.#readMessageId()
      default:
        return false
    }
  }

  #readId(name: FieldName, range: FieldRange): boolean {
    const reader = this.#reader
    if (!reader.peekIsString()) return this.#reject(name, 'must be a string')
    reader.readString()
    const bytes = reader.stringEnd - reader.stringStart
    if (bytes === 0) this.#problem ??= `${name} is empty`
    else if (bytes > ID_BYTES_MAX) {
      this.#problem ??= `${name} has ${bytes} bytes: the limit is ${ID_BYTES_MAX}`
    }
    range.start = reader.stringStart
    range.end = reader.stringEnd
    return true
  }

  #readPayload(): boolean {
    this.#passOver(this.payload)
    return true
  }

  #readMetadata(): boolean {
    this.metadata.start = -1
    if (this.#reader.peekIsNil()) return false
    if (!this.#reader.peekIsMap()) return this.#reject('metadata', 'must be a map or nil')
    this.#passOver(this.metadata)
    return true
  }

  #passOver(range: FieldRange): void {
    range.start = this.#reader.offset
    this.#reader.skip()
    range.end = this.#reader.offset
  }

  #readDuration(): boolean {
    const reader = this.#reader
    if (!reader.peekIsFloat() && !reader.peekIsInteger()) {
      return this.#reject('duration', 'must be a number of seconds')
    }
    const seconds = reader.readNumber()
    // Written so that NaN fails it.
    if (!(seconds >= LEASE_SECONDS_MIN && seconds <= LEASE_SECONDS_MAX)) {
      this.#problem ??= `duration is ${seconds}: it must be ${LEASE_SECONDS_MIN} to ${LEASE_SECONDS_MAX} seconds`
    }
    this.leaseSeconds = seconds
    return true
  }

  #readMessageId(): boolean {
    if (!this.#reader.peekIsInteger()) return this.#reject('message_id', 'must be an integer')
    const id = this.#reader.readNumber()
    if (id < 0 || !Number.isSafeInteger(id)) {
      this.#problem ??= 'message_id must be an integer from 0 to 2^53 - 1'
    }
    this.messageId = id
    return true
  }

  #readSuccess(): boolean {
    if (!this.#reader.peekIsBoolean()) return this.#reject('success', 'must be a boolean')
    this.success = this.#reader.readBoolean()
    return true
  }

  /** The rest of the body is still walked: whether the frame is broken comes before its fields. */
  #reject(name: FieldName, rule: string): boolean {
    this.#problem ??= `${name} ${rule}`
    return false
  }

  #check(): void {
    const missing = this.#missing()
    const problem = this.#problem ?? (missing === undefined ? undefined : `${missing} is missing`)
    if (problem !== undefined) {
      throw new BenchError('REQUEST_INVALID', `Cannot accept the request: ${problem}`)
    }
  }

  #missing(): FieldName | undefined {
    const command = this.#command
    if (command !== PRODUCE && command !== ACQUIRE_NEXT && command !== SETTLE) return undefined
    if (this.logId.start < 0) return 'log_id'
    if (command === PRODUCE) return this.payload.start < 0 ? 'payload' : undefined
    if (this.groupId.start < 0) return 'group_id'
    if (this.clientId.start < 0) return 'client_id'
    if (command === ACQUIRE_NEXT) return undefined
    if (this.messageId < 0) return 'message_id'
    return this.success === undefined ? 'success' : undefined
  }

  #clear(command: number): void {
    this.#command = command
    for (const range of [this.logId, this.groupId, this.clientId, this.payload, this.metadata]) {
      range.start = -1
    }
    this.leaseSeconds = LEASE_SECONDS_DEFAULT
    this.messageId = -1
    this.success = undefined
    this.#problem = undefined
  }
}
