import type { MessageAnswer, Request, Truth } from '../truth.ts'
import type { Lie } from './lie.ts'

/** The delivery number `nth`, from 1, is given again at once to whoever asks next. */
export function deliverTwice(nth: number): Lie {
  return repeat(nth, () => true)
}

/** Like `deliverTwice`, but to another consumer, so that two hold a lease at the same time. */
export function leaseToTwo(nth: number): Lie {
  return repeat(nth, (first, second) => first !== second)
}

function repeat(nth: number, mayRepeat: (first: string, second: string) => boolean): Lie {
  let deliveries = 0
  let again: { readonly message: MessageAnswer; readonly clientId: string } | undefined
  return (request, truth) => {
    if (request.kind !== 'acquire') return truth.answer(request)
    const { clientId } = request
    if (again !== undefined && mayRepeat(again.clientId, clientId)) {
      const { message } = again
      again = undefined
      return message
    }
    const answer = truth.answer(request)
    if (answer.kind === 'message') {
      deliveries += 1
      if (deliveries === nth) again = { message: answer, clientId }
    }
    return answer
  }
}

/** The message that is settled as number `nth`, from 1, is given to whoever asks next. */
export function deliverSettled(nth: number): Lie {
  return afterSettle(nth, 1)
}

/**
 * Once `msgs` messages are settled, which is all of them, the ask number `asks` gets the last one
 * again; the ones before are told that there is nothing.
 */
export function deliverAfterLast(msgs: number, asks = 1): Lie {
  return afterSettle(msgs, asks)
}

function afterSettle(nth: number, asks: number): Lie {
  const delivered = new Map<number, MessageAnswer>()
  let settled = 0
  let asksLeft = asks
  let again: MessageAnswer | undefined
  return (request, truth) => {
    if (again !== undefined && request.kind === 'acquire') {
      asksLeft -= 1
      if (asksLeft > 0) return truth.answer(request)
      const message = again
      again = undefined
      return message
    }
    const answer = truth.answer(request)
    if (answer.kind === 'message') delivered.set(answer.messageId, answer)
    if (answer.kind === 'settled' && request.kind === 'settle') {
      settled += 1
      if (settled === nth) again = delivered.get(request.messageId)
    }
    return answer
  }
}

/** Knows only its first message, and gives it to everybody who asks. */
export function deliverOneForEver(): Lie {
  let only: MessageAnswer | undefined
  return (request, truth) => {
    if (request.kind === 'settle') return { kind: 'settled' }
    if (request.kind === 'acquire' && only !== undefined) return only
    const answer = truth.answer(request)
    if (answer.kind === 'message') only = answer
    return answer
  }
}

/** The PRODUCEs with these numbers, from 1, are acknowledged and forgotten. */
export function lose(...numbers: readonly number[]): Lie {
  let produces = 0
  return (request, truth) => {
    if (request.kind !== 'produce') return truth.answer(request)
    produces += 1
    return numbers.includes(produces)
      ? { kind: 'produced', messageId: produces - 1 }
      : truth.answer(request)
  }
}

/** One duplicate for one loss: whoever only counts settles sees nothing. */
export function loseAndRepeat(nth: number): Lie {
  return byKind({ produce: lose(nth), acquire: deliverTwice(nth) })
}

/** The SETTLE number `nth`, from 1, is accepted and forgotten: its lease will run out. */
export function forgetSettle(nth: number): Lie {
  let settles = 0
  return (request, truth) => {
    if (request.kind !== 'settle') return truth.answer(request)
    settles += 1
    return settles === nth ? { kind: 'settled' } : truth.answer(request)
  }
}

/** A lie for each kind of request; the truth for the others. */
export function byKind(lies: Readonly<Partial<Record<Request['kind'], Lie>>>): Lie {
  return (request: Request, truth: Truth) =>
    lies[request.kind]?.(request, truth) ?? truth.answer(request)
}
