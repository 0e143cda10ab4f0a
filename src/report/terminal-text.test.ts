import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { padEnd, shorten, wrap } from './terminal-text.ts'

describe('shorten()', () => {
  test('leaves what fits', () => {
    expect(shorten(['Baseline', '日本'], 8)).toEqual(['Baseline', '日本'])
  })

  test('cuts by display width, never through a character', () => {
    expect(
      shorten(['日本語のシナリオ', '👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 'High-Concurrency Stress'], 6),
    ).toEqual(['日本…', '👩‍👩‍👧👩‍👩‍👧…', 'High-…'])
  })

  test('keeps apart names that differ only at their end', () => {
    expect(shorten(['scaling with 10', 'scaling with 20'], 11)).toEqual([
      'scali…th 10',
      'scali…th 20',
    ])
  })

  test('keeps the values of a sweep', () => {
    expect(shorten(['Rate [rate=1]', 'Rate [rate=16]'], 13)).toEqual([
      'Rate [rate=1]',
      'Rate […te=16]',
    ])
  })
})

describe('wrap()', () => {
  test('breaks at spaces and hangs the following lines', () => {
    expect(wrap('one two three four', 12, 'fail  ')).toEqual([
      'fail  one',
      '      two',
      '      three',
      '      four',
    ])
  })

  test.each([1, 2, 7, 20])('never exceeds %i columns, whatever the words', columns => {
    const text = 'a Donaudampfschifffahrtsgesellschaft in the\nsecond line'
    for (const line of wrap(text, columns)) expect(stringWidth(line)).toBeLessThanOrEqual(columns)
    expect(wrap(text, columns).join('').replaceAll(' ', '')).toBe(text.replaceAll(/\s/g, ''))
  })

  test('leaves a per cent sign with its number', () => {
    expect(wrap('more than 1 %', 12)).toEqual(['more than', '1 %'])
  })

  test('keeps the line breaks of the text', () => {
    expect(wrap('one\ntwo', 80, '- ')).toEqual(['- one', '  two'])
  })

  test('ends even where a character is wider than the columns', () => {
    expect(wrap('日本', 1)).toEqual(['日', '本'])
  })
})

test('padEnd() counts what is seen, not code units', () => {
  expect(padEnd('日本', 6)).toBe('日本  ')
  expect(padEnd('\u001b[32mpass\u001b[39m', 6)).toBe('\u001b[32mpass\u001b[39m  ')
  expect(padEnd('longer', 3)).toBe('longer')
})
