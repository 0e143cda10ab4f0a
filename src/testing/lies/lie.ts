import type { Answer, Request, Truth } from '../truth.ts'

/** What a lying server does with a request. */
export type Reply =
  | Answer
  /** These bytes instead of an answer, as they are. */
  | { readonly kind: 'raw'; readonly bytes: Buffer }
  /** Nothing now or ever again on this connection. */
  | { readonly kind: 'silence' }
  | { readonly kind: 'hang-up' }
  /** Looks at the request only after a while; later requests of the connection wait. */
  | { readonly kind: 'delayed'; readonly delayMs: number; readonly reply: () => Reply }

/**
 * One known way of being wrong, or of being right in an unusual form. It has a memory of its own,
 * so each server takes a new one.
 */
export type Lie = (request: Request, truth: Truth) => Reply

/** An honest server. */
export const honestly: Lie = (request, truth) => truth.answer(request)

/** Lies only in logs beyond the first `logs`: a warm-up has a log of its own. */
export function afterLogs(logs: number, lie: Lie): Lie {
  const known = new Set<string>()
  return (request, truth) => {
    if (known.size < logs) known.add(request.logId)
    return known.has(request.logId) ? truth.answer(request) : lie(request, truth)
  }
}
