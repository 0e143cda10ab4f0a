import { decodeValue } from '../../wire/value.ts'
import { encodeForeign, type ForeignValue } from '../foreign-encoding.ts'
import { type Answer, commandOf, PROCESSED_ALREADY, type Request } from '../truth.ts'
import type { Lie, Reply } from './lie.ts'
import { frame } from './protocol.ts'

/** Gives payloads back in the longest MessagePack form of the same value. */
export const inLongForms: Lie = (request, truth) => {
  const answer = truth.answer(request)
  if (answer.kind !== 'message') return answer
  const { data } = decodeValue(answer.payload) as { readonly data: string }
  const value: ForeignValue = { pairs: [['data', data]] }
  return { ...answer, payload: encodeForeign(value, forms => forms - 1) }
}

/** Answers with unknown keys beside the known ones, and those in another order. */
export const withMoreKeys: Lie = (request, truth) => {
  const answer = truth.answer(request)
  return frame(commandOf(request), { shard: [1, { of: 3 }], ...foreignAnswer(answer), took: 0.25 })
}

function foreignAnswer(answer: Answer): Readonly<Record<string, unknown>> {
  switch (answer.kind) {
    case 'produced':
      return { message_id: answer.messageId }
    case 'message': {
      const { messageId, logId, payload } = answer
      const message = { payload: decodeValue(payload), attempt: 1, log_id: logId, id: messageId }
      return { message }
    }
    case 'empty':
      return { message: null }
    case 'settled':
      return { status: 'settled' }
    case 'refused':
      return { error: answer.reason }
    default:
      return answer satisfies never
  }
}

/** Looks at every request only after `delayMs`. */
export function slowly(delayMs: number): Lie {
  return (request, truth) => ({ kind: 'delayed', delayMs, reply: () => truth.answer(request) })
}

/** Looks at the request of `kind` with number `nth`, from 1, only after `delayMs`. */
export function slowOnce(kind: Request['kind'], nth: number, delayMs: number): Lie {
  let requests = 0
  return (request, truth) => {
    if (request.kind === kind) requests += 1
    if (request.kind !== kind || requests !== nth) return truth.answer(request)
    return { kind: 'delayed', delayMs, reply: () => truth.answer(request) }
  }
}

/** Like `lie`, but accepts a SETTLE of what is processed already, as the Python server does. */
export function leniently(lie: Lie): Lie {
  const accept = (reply: Reply): Reply =>
    reply.kind === 'refused' && reply.reason === PROCESSED_ALREADY ? { kind: 'settled' } : reply
  return (request, truth) => {
    const reply = lie(request, truth)
    return reply.kind === 'delayed'
      ? { ...reply, reply: () => accept(reply.reply()) }
      : accept(reply)
  }
}
