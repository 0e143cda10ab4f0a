import { expect, test } from 'vitest'
import { newLogId } from './log-id.ts'

test('newLogId() is new each time, and short enough for any server', () => {
  const ids = Array.from({ length: 1000 }, newLogId)

  expect(new Set(ids).size).toBe(1000)
  for (const id of ids) expect(id).toMatch(/^b-[\w-]{12}$/)
})
