import { count, quantity } from '../judge/quantity.ts'
import type { Found } from '../judge/result.ts'

/** What a search for the highest rate came to: `highest rate that passed 23,400 msg/s, …`. */
export function describeSearch({ rate, failedAt, holds }: Found): string {
  const number = `(${count(holds.length)} ${holds.length === 1 ? 'hold' : 'holds'})`
  const [passed, failed] = [rate, failedAt].map(value => quantity(value ?? 0, 'msg/s'))
  if (rate !== null) {
    const limit = failedAt === null ? 'none failed' : `failed at ${failed}`
    return `highest rate that passed ${passed}, ${limit} ${number}`
  }
  if (failedAt !== null) return `no rate passed, failed at ${failed} ${number}`
  return `the search ended before it found a rate ${number}`
}
