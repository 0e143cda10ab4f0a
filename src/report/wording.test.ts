import { expect, test } from 'vitest'
import { percent, plural } from './wording.ts'

test.each([
  [0, '0 %'],
  [0.000_2, '<0.1 %'],
  [0.004, '0.4 %'],
  [0.009_4, '0.9 %'],
  [0.009_6, '1 %'],
  [0.535, '54 %'],
  [12.5, '1,250 %'],
])('percent(%d) is %s', (share, text) => {
  expect(percent(share)).toBe(text)
})

test('plural() has one form for one and another for all else', () => {
  expect([0, 1, 2_000].map(number => plural(number, 'round'))).toEqual([
    '0 rounds',
    '1 round',
    '2,000 rounds',
  ])
})
