import { expect, test } from 'vitest'
import { firstMessageOf, messagesOf } from './assignment.ts'

test.each([
  { producers: 1, msgs: 1 },
  { producers: 3, msgs: 10 },
  { producers: 10, msgs: 3 },
  { producers: 7, msgs: 7 },
  { producers: 50, msgs: 100_000 },
])('firstMessageOf() and messagesOf() number all of %o without gap or overlap', assignment => {
  let next = 0
  for (let producer = 0; producer < assignment.producers; producer += 1) {
    expect(firstMessageOf(assignment, producer)).toBe(next)
    next += messagesOf(assignment, producer)
  }

  expect(next).toBe(assignment.msgs)
})
