import { describe, expect, test } from 'vitest'
import { messagesOf } from '../ledger/assignment.ts'
import { distanceFrom } from '../testing/statistics.ts'
import { positionsOf } from './arrivals.ts'

const MSGS = 20_000

function positionsOfProducer(producer: number, producers: number, seed = 1): number[] {
  const assignment = { producers, msgs: MSGS }
  const positions = positionsOf('poisson', { assignment, producer, span: MSGS, seed })
  return Array.from({ length: messagesOf(assignment, producer) }, () => positions.next())
}

/** Of all producers, in order. */
function positionsOfAll(producers: number): Float64Array {
  const numbers = Array.from({ length: producers }, (_, producer) => producer)
  const positions = numbers.flatMap(producer => positionsOfProducer(producer, producers))
  return Float64Array.from(positions).sort()
}

describe("positionsOf('poisson')", () => {
  test.each([1, 7, MSGS])('of %i producers have exponential gaps together', producers => {
    const positions = positionsOfAll(producers)
    const gaps = positions.map((position, at) => position - (positions[at - 1] ?? 0))
    expect(gaps).toHaveLength(MSGS)
    expect(distanceFrom(gaps, gap => 1 - Math.exp(-gap))).toBeLessThan(1.63)
  })

  test.each([1, 7, MSGS])('of %i producers vary by window as much as their mean', producers => {
    const windows = new Float64Array(1000)
    const mean = MSGS / windows.length
    for (const position of positionsOfAll(producers)) {
      const window = Math.floor(position / mean)
      windows[window] = (windows[window] ?? 0) + 1
    }
    const variance = windows.reduce((sum, count) => sum + (count - mean) ** 2, 0) / windows.length
    expect(variance / mean).toBeGreaterThan(0.8)
    expect(variance / mean).toBeLessThan(1.2)
  })

  test('stay in order within the run, and reach its end', () => {
    const positions = positionsOfProducer(0, 1)
    expect(positions).toEqual(positions.toSorted((a, b) => a - b))
    expect(positions[0]).toBeGreaterThan(0)
    expect(positions.at(-1)).toBeLessThan(MSGS)
    expect(positions.at(-1)).toBeGreaterThan(MSGS - 10)
  })

  test('are the same for the same seed, and others for other seeds and producers', () => {
    const positions = positionsOfProducer(3, 7, 42)
    expect(positionsOfProducer(3, 7, 42)).toEqual(positions)
    expect(positionsOfProducer(3, 7, 43)).not.toEqual(positions)
    expect(positionsOfProducer(4, 7, 42)).not.toEqual(positions)
  })
})
