import { describe, expect, test } from 'vitest'
import { nearestName } from './nearest-name.ts'

const KNOWN = ['name', 'msgs', 'producers', 'consumers', 'leaseMs', 'timeoutMs', 'latencyMs.p95']

describe('nearestName()', () => {
  test.each([
    { name: 'producer', nearest: 'producers', why: 'a letter is missing' },
    { name: 'prodcuers', nearest: 'producers', why: 'two letters are swapped' },
    { name: 'Consumers', nearest: 'consumers', why: 'case counts for nothing' },
    { name: 'lease', nearest: 'leaseMs', why: 'the unit is missing' },
    { name: 'p95', nearest: 'latencyMs.p95', why: 'it is a part' },
    { name: 'latencyMs.p96', nearest: 'latencyMs.p95', why: 'a digit differs' },
  ])('finds $nearest for $name: $why', ({ name, nearest }) => {
    expect(nearestName(name, KNOWN)).toBe(nearest)
  })

  test.each(['', 'rate', 'x', '__proto__'])('finds nothing for "%s"', name => {
    expect(nearestName(name, KNOWN)).toBeUndefined()
  })

  test('is quick for a name of a million letters', () => {
    expect(nearestName('x'.repeat(1_000_000), KNOWN)).toBeUndefined()
  })
})
