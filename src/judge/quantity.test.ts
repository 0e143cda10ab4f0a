import { describe, expect, test } from 'vitest'
import { count, exactQuantity, factor, figure, quantity } from './quantity.ts'

describe('figure()', () => {
  test.each([
    [0, '0'],
    [0.000001, '0.000001'],
    [0.0000004, '<0.000001'],
    [0.01234, '0.0123'],
    [4.1, '4.10'],
    [9.999, '10.0'],
    [61.25, '61.3'],
    [999.6, '1,000'],
    [11_234.4, '11,234'],
    [1_234_567, '1,234,567'],
    [-1234.5, '-1,235'],
  ])('writes %d ms as %s', (value, text) => {
    expect(figure(value, 'ms')).toBe(text)
  })

  test('writes messages as whole numbers', () => {
    expect(figure(7, 'messages')).toBe('7')
    expect(figure(100_000, 'messages')).toBe('100,000')
  })

  test.each([undefined, null, Number.NaN, Number.POSITIVE_INFINITY])(
    'writes %s as a dash, never as zero',
    value => {
      expect(figure(value, 'ms')).toBe('–')
    },
  )
})

test('quantity() adds the unit, and knows one message', () => {
  expect(quantity(61.234, 'ms')).toBe('61.2 ms')
  expect(quantity(1, 'messages')).toBe('1 message')
  expect(quantity(2, 'messages')).toBe('2 messages')
})

test('quantity() writes a share of 1 without a unit', () => {
  expect(quantity(0.12345, 'share')).toBe('0.123')
  expect(exactQuantity(0.1, 'share')).toBe('0.1')
})

test('exactQuantity() rounds nothing', () => {
  expect(exactQuantity(50, 'ms')).toBe('50 ms')
  expect(exactQuantity(12_345.0001, 'msg/s')).toBe('12,345.0001 msg/s')
})

test('count() sets thousands apart', () => {
  expect([0, 999, 1_000, 1_234_567].map(count)).toEqual(['0', '999', '1,000', '1,234,567'])
})

test('factor() has one decimal while it is small', () => {
  expect([factor(21, 10), factor(99.4, 10), factor(99.6, 10), factor(15_000, 1)]).toEqual([
    '2.1×',
    '9.9×',
    '10×',
    '15,000×',
  ])
})
