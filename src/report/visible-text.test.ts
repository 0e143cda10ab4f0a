import { describe, expect, test } from 'vitest'
import { visible, visibleLines } from './visible-text.ts'

describe('visible()', () => {
  test.each([
    ['red\u001b[31m', 'red\\u001b[31m'],
    ['two\nlines\r\tand a tab', 'two\\nlines\\r\\tand a tab'],
    ['bell\u0007 delete\u007f C1\u009b', 'bell\\u0007 delete\\u007f C1\\u009b'],
    ['abc\u202ecba\u2066', 'abc\\u202ecba\\u2066'],
    ['a\u200bb\ufeff\u2028', 'a\\u200bb\\ufeff\\u2028'],
    ['half \ud83d', 'half \\ud83d'],
  ])('writes %j as %j', (text, shown) => {
    expect(visible(text)).toBe(shown)
  })

  test.each(['Ünïcödé', '日本語', '👩‍👩‍👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿', 'עברית', '<script>{{ 7 * 7 }}'])(
    'leaves %s alone',
    text => {
      expect(visible(text)).toBe(text)
    },
  )
})

test('visibleLines() keeps line breaks and nothing else that acts', () => {
  expect(visibleLines('first\r\nsecond\u001b[2J\n')).toBe('first\nsecond\\u001b[2J')
})
