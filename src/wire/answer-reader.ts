import { BenchError } from '../errors.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from './frame.ts'
import { MessagePackReader } from './reader.ts'
import type { FieldRange } from './request-reader.ts'
import { type Anchor, HOLES_MAX, Shape } from './shape.ts'

export type AnswerKind = 'produced' | 'message' | 'empty' | 'settled' | 'error'

const ERROR = Buffer.from('error')
const MESSAGE_ID = Buffer.from('message_id')
const MESSAGE = Buffer.from('message')
const STATUS = Buffer.from('status')
const SETTLED = Buffer.from('settled')
const ID = Buffer.from('id')
const LOG_ID = Buffer.from('log_id')
const PAYLOAD = Buffer.from('payload')
const METADATA = Buffer.from('metadata')

/** Longer error texts of a server are cut, so that a hostile one cannot fill our reports. */
const ERROR_TEXT_BYTES_MAX = 1024

/** How the last good answer to a command was built; answers that find nothing are not remembered. */
interface Memory {
  readonly shape: Shape
  readonly kind: AnswerKind
  readonly holes: readonly Hole[]
  readonly logId: Anchor | undefined
}

type Hole = 'id' | 'payload' | 'metadata'

/** Shapes that a connection may change to; who changes more often is read in full each time. */
const LESSONS_MAX = 64

/**
 * Reads answers where they lie: keys in any order and encoding, unknown ones ignored. One instance
 * serves a connection and is overwritten by every `read`; ranges point into the bytes given to it.
 */
export class AnswerReader {
  readonly #reader = new MessagePackReader()
  #bytes: Buffer = Buffer.alloc(0)
  kind: AnswerKind = 'empty'
  /** Of `produced` and `message`. */
  messageId = -1
  /** Of `message`: one MessagePack value. */
  readonly payload: FieldRange = { start: -1, end: -1 }
  /** Of `message`: one MessagePack value, nil included; `start` is -1 when absent. */
  readonly metadata: FieldRange = { start: -1, end: -1 }
  /** Of `message`: the text of the log id; `start` is -1 when absent. */
  readonly logId: FieldRange = { start: -1, end: -1 }
  readonly #error: FieldRange = { start: -1, end: -1 }
  #problem: string | undefined
  readonly #memories: (Memory | undefined)[] = [undefined, undefined, undefined, undefined]
  readonly #holes: number[] = []
  readonly #holeNames: Hole[] = []
  #lessons = LESSONS_MAX

  /** What the server refused with; only of `error`. */
  get errorText(): string {
    const { start, end } = this.#error
    return this.#bytes.toString('utf8', start, Math.min(end, start + ERROR_TEXT_BYTES_MAX))
  }

  /**
   * Throws `ANSWER_INVALID` or `MESSAGEPACK_INVALID` when the body is no answer to `command`; the
   * connection cannot be trusted any more then.
   */
  read(command: number, bytes: Buffer, start: number, end: number): void {
    if (this.#bytes !== bytes) this.#bytes = bytes
    if (this.#readAlike(command, bytes, start, end)) return
    this.messageId = -1
    this.#problem = undefined
    this.#holes.length = 0
    this.#holeNames.length = 0
    const reader = this.#reader
    reader.reset(bytes, start, end)
    let kind: AnswerKind | undefined
    for (let left = reader.readMapSize(); left > 0; left -= 1) {
      // An error wins over whatever stands beside it, also over what is wrong with that.
      const found = this.#readPair(command)
      if (found !== undefined && kind !== 'error') kind = found
    }
    if (!reader.atEnd) throw notAnAnswer(command, `${end - reader.offset} bytes follow its map`)
    if (kind !== 'error' && this.#problem !== undefined) throw notAnAnswer(command, this.#problem)
    if (kind === undefined) throw notAnAnswer(command, 'it has none of the keys of one')
    this.kind = kind
    if (kind !== 'error' && kind !== 'empty') this.#learn(command, bytes, start, end)
  }

  /** Reads an answer that is built like the last one to its command without looking at its keys. */
  #readAlike(command: number, bytes: Buffer, start: number, end: number): boolean {
    const memory = this.#memories[command]
    if (memory === undefined) return false
    const { shape, holes } = memory
    if (!shape.matches(this.#reader, bytes, start, end)) return false
    this.messageId = -1
    this.metadata.start = -1
    for (let index = 0; index < holes.length; index += 1) {
      const holeStart = shape.holeStarts[index] ?? 0
      if (!this.#fillHole(holes[index], bytes, holeStart, shape.holeEnds[index] ?? 0)) return false
    }
    if (memory.logId === undefined) this.logId.start = -1
    else shape.place(memory.logId, this.logId)
    this.kind = memory.kind
    return true
  }

  /** Returns whether the value is one that the field takes. */
  #fillHole(hole: Hole | undefined, bytes: Buffer, start: number, end: number): boolean {
    switch (hole) {
      case 'id': {
        const reader = this.#reader
        reader.reset(bytes, start, end)
        if (!reader.peekIsInteger()) return false
        this.messageId = reader.readNumber()
        return this.messageId >= 0 && Number.isSafeInteger(this.messageId)
      }
      case 'payload':
        return placed(this.payload, start, end)
      case 'metadata':
        return placed(this.metadata, start, end)
      default:
        return false
    }
  }

  #learn(command: number, bytes: Buffer, start: number, end: number): void {
    if (this.#lessons === 0 || this.#holeNames.length > HOLES_MAX) return
    this.#lessons -= 1
    const shape = new Shape(bytes, start, end, this.#holes)
    this.#memories[command] = {
      shape,
      kind: this.kind,
      holes: [...this.#holeNames],
      logId: this.logId.start < 0 ? undefined : shape.anchor(this.logId),
    }
  }

  #readPair(command: number): AnswerKind | undefined {
    const reader = this.#reader
    if (!reader.peekIsString()) {
      reader.skip()
    } else {
      reader.readString()
      if (command === ACQUIRE_NEXT && reader.stringIs(MESSAGE)) return this.#readMessage()
      if (command === PRODUCE && reader.stringIs(MESSAGE_ID)) {
        this.messageId = this.#readId()
        return 'produced'
      }
      if (command === SETTLE && reader.stringIs(STATUS)) return this.#readStatus()
      if (reader.stringIs(ERROR)) {
        return this.#readError()
      }
    }
    reader.skip()
    return undefined
  }

  #readStatus(): AnswerKind {
    const reader = this.#reader
    const isText = reader.peekIsString()
    if (isText) reader.readString()
    else reader.skip()
    if (!isText || !reader.stringIs(SETTLED)) this.#problem ??= 'its status is not "settled"'
    return 'settled'
  }

  #readError(): AnswerKind | undefined {
    const reader = this.#reader
    if (reader.peekIsString()) {
      reader.readString()
      this.#error.start = reader.stringStart
      this.#error.end = reader.stringEnd
      return 'error'
    }
    // Some encoders write every field of a structure, the empty ones as nil.
    if (!reader.peekIsNil()) this.#problem ??= 'its error is no text'
    reader.skip()
    return undefined
  }

  #readMessage(): AnswerKind {
    const reader = this.#reader
    if (reader.peekIsNil()) {
      reader.skip()
      return 'empty'
    }
    this.payload.start = this.metadata.start = this.logId.start = -1
    if (!reader.peekIsMap()) {
      this.#problem ??= 'its message is no map'
      reader.skip()
      return 'message'
    }
    for (let left = reader.readMapSize(); left > 0; left -= 1) this.#readMessageField()
    if (this.messageId < 0) this.#problem ??= 'its message has no id'
    if (this.payload.start < 0) this.#problem ??= 'its message has no payload'
    return 'message'
  }

  #readMessageField(): void {
    const reader = this.#reader
    if (reader.peekIsString()) {
      reader.readString()
      if (reader.stringIs(ID)) {
        this.messageId = this.#readId()
        return
      }
      if (reader.stringIs(PAYLOAD)) return this.#readRange('payload')
      if (reader.stringIs(METADATA)) return this.#readRange('metadata')
      if (reader.stringIs(LOG_ID) && reader.peekIsString()) {
        reader.readString()
        this.logId.start = reader.stringStart
        this.logId.end = reader.stringEnd
        return
      }
    } else {
      reader.skip()
    }
    reader.skip()
  }

  #readRange(name: 'payload' | 'metadata'): void {
    const range = this[name]
    range.start = this.#reader.offset
    this.#reader.skip()
    range.end = this.#reader.offset
    this.#addHole(name, range.start)
  }

  #addHole(name: Hole, start: number): void {
    this.#holes.push(start, this.#reader.offset)
    this.#holeNames.push(name)
  }

  #readId(): number {
    const reader = this.#reader
    const start = reader.offset
    const isInteger = reader.peekIsInteger()
    const id = isInteger ? reader.readNumber() : -1
    if (!isInteger) reader.skip()
    if (id < 0 || !Number.isSafeInteger(id)) {
      this.#problem ??= 'its message id is no integer from 0 to 2^53 - 1'
    }
    this.#addHole('id', start)
    return id
  }
}

function placed(range: FieldRange, start: number, end: number): true {
  range.start = start
  range.end = end
  return true
}

const COMMAND_NAMES: Readonly<Record<number, string>> = {
  [PRODUCE]: 'PRODUCE',
  [ACQUIRE_NEXT]: 'ACQUIRE_NEXT',
  [SETTLE]: 'SETTLE',
}

/** How messages name a command byte. */
export function commandName(command: number): string {
  return COMMAND_NAMES[command] ?? `command ${command}`
}

function notAnAnswer(command: number, reason: string): BenchError {
  const message = `Cannot read the answer to ${commandName(command)}: ${reason}`
  return new BenchError('ANSWER_INVALID', message)
}
