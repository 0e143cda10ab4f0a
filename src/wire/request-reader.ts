import { BenchError } from '../errors.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from './frame.ts'
import { MessagePackReader } from './reader.ts'
import { type Anchor, HOLES_MAX, Shape } from './shape.ts'

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

/** Shapes that a connection may change to without earning them, and what earns one more. */
const LESSONS_MAX = 8
const ALIKE_PER_LESSON = 64

/** A byte range of the request body; `start` is -1 when the field is absent. */
export interface FieldRange {
  start: number
  end: number
}

/** Takes the range of a value that counts as absent. */
const NOWHERE: FieldRange = { start: -1, end: -1 }

/** The last good request of a command: how it was built, and what of it need not be read again. */
interface Memory {
  readonly shape: Shape
  readonly holes: readonly FieldName[]
  readonly logId: Anchor
  readonly groupId: Anchor | undefined
  readonly clientId: Anchor | undefined
  readonly leaseSeconds: number
  readonly success: boolean | undefined
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
  readonly #memories: (Memory | undefined)[] = [undefined, undefined, undefined, undefined]
  /** Starts and ends of the values that differ from request to request, and their fields. */
  readonly #holes: number[] = []
  readonly #holeFields: FieldName[] = []
  /** How often a new shape may still be learnt; requests that are alike earn it. */
  #lessons = LESSONS_MAX

  /**
   * Throws `MESSAGEPACK_INVALID` when the body is not one whole map, which is a broken frame, and
   * `REQUEST_INVALID` when a field of `command` is missing or has a wrong type or range.
   */
  read(command: number, bytes: Buffer, start: number, end: number): void {
    if (this.#readAlike(command, bytes, start, end)) return
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
    this.#learn(command, bytes, start, end)
  }

  /** Reads a request that is built like the last one of its command, without looking at its keys. */
  #readAlike(command: number, bytes: Buffer, start: number, end: number): boolean {
    const memory = this.#memories[command]
    if (memory === undefined) return false
    const { shape, holes } = memory
    if (!shape.matches(this.#reader, bytes, start, end)) return false
    this.metadata.start = -1
    for (let index = 0; index < holes.length; index += 1) {
      const holeStart = shape.holeStarts[index] ?? 0
      if (!this.#fillHole(holes[index], bytes, holeStart, shape.holeEnds[index] ?? 0)) return false
    }
    shape.place(memory.logId, this.logId)
    if (memory.groupId !== undefined) shape.place(memory.groupId, this.groupId)
    if (memory.clientId !== undefined) shape.place(memory.clientId, this.clientId)
    this.leaseSeconds = memory.leaseSeconds
    this.success = memory.success
    if (this.#lessons < LESSONS_MAX) this.#lessons += 1 / ALIKE_PER_LESSON
    return true
  }

  /** Returns whether the value is one that the field takes. */
  #fillHole(field: FieldName | undefined, bytes: Buffer, start: number, end: number): boolean {
    const reader = this.#reader
    reader.reset(bytes, start, end)
    switch (field) {
      case 'payload':
        this.payload.start = start
        this.payload.end = end
        return true
      case 'metadata':
        this.metadata.start = reader.peekIsNil() ? -1 : start
        this.metadata.end = end
        return reader.peekIsNil() || reader.peekIsMap()
      case 'message_id':
        if (!reader.peekIsInteger()) return false
        this.messageId = reader.readNumber()
        return this.messageId >= 0 && Number.isSafeInteger(this.messageId)
      default:
        return false
    }
  }

  #learn(command: number, bytes: Buffer, start: number, end: number): void {
    if (this.#lessons < 1 || this.#holeFields.length > HOLES_MAX) return
    this.#lessons -= 1
    const shape = new Shape(bytes, start, end, this.#holes)
    const anchor = (range: FieldRange) => (range.start < 0 ? undefined : shape.anchor(range))
    const logId = anchor(this.logId)
    if (logId === undefined) return
    this.#memories[command] = {
      shape,
      holes: [...this.#holeFields],
      logId,
      groupId: anchor(this.groupId),
      clientId: anchor(this.clientId),
      leaseSeconds: this.leaseSeconds,
      success: this.success,
    }
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
    this.#passOver('payload', this.payload)
    return true
  }

  #readMetadata(): boolean {
    this.metadata.start = -1
    if (this.#reader.peekIsNil()) {
      this.#passOver('metadata', NOWHERE)
      return true
    }
    if (!this.#reader.peekIsMap()) return this.#reject('metadata', 'must be a map or nil')
    this.#passOver('metadata', this.metadata)
    return true
  }

  #passOver(field: FieldName, range: FieldRange): void {
    range.start = this.#reader.offset
    this.#reader.skip()
    range.end = this.#reader.offset
    this.#addHole(field, range)
  }

  #addHole(field: FieldName, { start, end }: FieldRange): void {
    this.#holes.push(start, end)
    this.#holeFields.push(field)
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
    const reader = this.#reader
    if (!reader.peekIsInteger()) return this.#reject('message_id', 'must be an integer')
    const start = reader.offset
    const id = reader.readNumber()
    this.#addHole('message_id', { start, end: reader.offset })
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
    this.#holes.length = 0
    this.#holeFields.length = 0
    for (const range of [this.logId, this.groupId, this.clientId, this.payload, this.metadata]) {
      range.start = -1
    }
    this.leaseSeconds = LEASE_SECONDS_DEFAULT
    this.messageId = -1
    this.success = undefined
    this.#problem = undefined
  }
}
