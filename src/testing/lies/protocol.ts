import { encodeValue } from '../../wire/value.ts'
import { commandOf, type Request } from '../truth.ts'
import type { Lie, Reply } from './lie.ts'

/** Gives `reply` instead of the answer to each request of `kind` from number `nth` on, from 1. */
export function replyFrom(
  nth: number,
  kind: Request['kind'] | 'any',
  reply: (request: Request) => Reply,
): Lie {
  let requests = 0
  return (request, truth) => {
    if (kind !== 'any' && request.kind !== kind) return truth.answer(request)
    requests += 1
    return requests >= nth ? reply(request) : truth.answer(request)
  }
}

/** Stores the message of the PRODUCE number `nth`, from 1, and says that it did not. */
export function refuseStored(nth: number): Lie {
  let produces = 0
  return (request, truth) => {
    const answer = truth.answer(request)
    if (request.kind !== 'produce') return answer
    produces += 1
    return produces === nth ? refusal('It is stored, and this says that it is not') : answer
  }
}

export function refusal(reason: string): Reply {
  return { kind: 'refused', reason }
}

/** Bytes that are no frame. */
export function garbage(): Reply {
  return { kind: 'raw', bytes: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') }
}

/** A frame with the command byte of another request. */
export function wrongCommand(request: Request): Reply {
  return frame((commandOf(request) % 3) + 1, { status: 'settled' })
}

/** A frame that answers `value`, whatever was asked. */
export function answerWith(value: unknown): (request: Request) => Reply {
  return request => frame(commandOf(request), value)
}

export function frame(command: number, value: unknown): Reply {
  const body = encodeValue(value)
  const bytes = Buffer.alloc(6 + body.length)
  bytes.writeUInt32BE(2 + body.length)
  bytes[4] = 1
  bytes[5] = command
  body.copy(bytes, 6)
  return { kind: 'raw', bytes }
}
