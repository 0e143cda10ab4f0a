import { decodeValue, encodeValue } from '../../wire/value.ts'
import type { MessageAnswer } from '../truth.ts'
import type { Lie } from './lie.ts'

/** Changes the delivery number `nth`, from 1. */
function changeDelivery(nth: number, change: (message: MessageAnswer) => MessageAnswer): Lie {
  let deliveries = 0
  return (request, truth) => {
    const answer = truth.answer(request)
    if (answer.kind !== 'message') return answer
    deliveries += 1
    return deliveries === nth ? change(answer) : answer
  }
}

/** The text of the payload becomes what `change` makes of it. */
export function changeText(nth: number, change: (text: string) => string): Lie {
  return changeDelivery(nth, message => ({
    ...message,
    payload: encodeValue({ data: change(textOf(message.payload)) }),
  }))
}

/** The whole payload becomes another value. */
export function replacePayload(nth: number, value: unknown): Lie {
  return changeDelivery(nth, message => ({ ...message, payload: encodeValue(value) }))
}

/** The message is said to be of another log. */
export function deliverFromForeignLog(nth: number): Lie {
  return changeDelivery(nth, message => ({ ...message, logId: `${message.logId}-other` }))
}

/** The delivery number `nth`, from 2, has the payload of the one before instead of its own. */
export function copyPayload(nth: number): Lie {
  let before: MessageAnswer | undefined
  let deliveries = 0
  return (request, truth) => {
    const answer = truth.answer(request)
    if (answer.kind !== 'message') return answer
    deliveries += 1
    const { payload } = deliveries === nth && before !== undefined ? before : answer
    before = answer
    return { ...answer, payload }
  }
}

/**
 * The first two neighbours of which the second is there when the first is asked for get each
 * other's payload under their own ids; then `swapped` is called.
 */
export function swapPayloads(swapped: () => void): Lie {
  const payloads: Buffer[] = []
  const exchanged = new Map<number, Buffer>()
  return (request, truth) => {
    const answer = truth.answer(request)
    if (request.kind === 'produce') payloads.push(request.payload)
    if (answer.kind !== 'message') return answer
    const { messageId, payload } = answer
    const next = payloads[messageId + 1]
    if (exchanged.size === 0 && next !== undefined) {
      exchanged.set(messageId, next).set(messageId + 1, payload)
      swapped()
    }
    return { ...answer, payload: exchanged.get(messageId) ?? payload }
  }
}

const INVENTED_ID = 1_000_000

/** Instead of the answer number `nth` to an ACQUIRE_NEXT, from 1, a message that was never sent. */
export function invent(nth: number, text: string): Lie {
  let asks = 0
  return (request, truth) => {
    if (request.kind === 'acquire') {
      asks += 1
      if (asks === nth) {
        const payload = encodeValue({ data: text })
        const { logId } = request
        const metadata = Buffer.alloc(0)
        return { kind: 'message', messageId: INVENTED_ID, logId, payload, metadata }
      }
    }
    return truth.answer(request)
  }
}

function textOf(payload: Buffer): string {
  const { data } = decodeValue(payload) as { readonly data: string }
  return data
}
