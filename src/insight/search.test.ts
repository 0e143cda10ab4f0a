import { describe, expect, test } from 'vitest'
import { searchScenario } from '../testing/example-scenarios.ts'
import { describeSearch } from './search.ts'

const { found } = searchScenario()
expect.assert(found !== undefined)
const { holds } = found

describe('describeSearch()', () => {
  test.each([
    {
      found: { rate: 23_400, failedAt: 24_500, holds },
      text: 'highest rate that passed 23,400 msg/s, failed at 24,500 msg/s (10 holds)',
    },
    {
      found: { rate: 50_000, failedAt: null, holds },
      text: 'highest rate that passed 50,000 msg/s, none failed (10 holds)',
    },
    {
      found: { rate: null, failedAt: 1_000, holds: holds.slice(0, 1) },
      text: 'no rate passed, failed at 1,000 msg/s (1 hold)',
    },
    {
      found: { rate: null, failedAt: null, holds: holds.slice(0, 2) },
      text: 'the search ended before it found a rate (2 holds)',
    },
  ])('says $text', ({ found, text }) => {
    expect(describeSearch(found)).toBe(text)
  })
})
