import stringWidth from 'string-width'

/** Appends spaces up to a display width; longer text stays as it is. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - stringWidth(text), 0))
}

/**
 * Cuts names to a display width with an ellipsis at the end; in the middle where cutting the end
 * would make two different names look the same, or cut into the values of a sweep.
 */
export function shorten(names: readonly string[], width: number): readonly string[] {
  const cut = names.map(name => cutEnd(name, width))
  const cutsValues = names.some((name, index) => name.endsWith(']') && name !== cut[index])
  if (new Set(cut).size === new Set(names).size && !cutsValues) return cut
  return names.map(name => cutMiddle(name, width))
}

/**
 * Breaks text into lines no wider than `columns`, at spaces where it can. The first line begins
 * with `first`, the others with as many spaces.
 */
export function wrap(text: string, columns: number, first = ''): readonly string[] {
  const room = Math.max(columns - stringWidth(first), 1)
  const lines = text.split('\n').flatMap(line => wrapLine(line, room))
  const indent = ' '.repeat(stringWidth(first))
  return lines.map((line, index) => (index === 0 ? first : indent) + line)
}

function wrapLine(line: string, room: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(BREAKS).flatMap(word => pieces(word, room))) {
    const joined = current === '' ? word : `${current} ${word}`
    if (current === '' || stringWidth(joined) <= room) {
      current = joined
    } else {
      lines.push(current)
      current = word
    }
  }
  return [...lines, current]
}

/** A per cent sign stays with its number. */
const BREAKS = / (?!%)/

/** A word in parts that fit; words that fit are one part. */
function pieces(word: string, room: number): string[] {
  const parts: string[] = []
  let rest = word
  while (stringWidth(rest) > room) {
    // A character wider than the room must still go somewhere, or this would never end.
    const head = takeStart(rest, room) || (graphemes(rest)[0] ?? rest)
    parts.push(head)
    rest = rest.slice(head.length)
  }
  return rest === '' && parts.length > 0 ? parts : [...parts, rest]
}

const ELLIPSIS = '…'

function cutEnd(name: string, width: number): string {
  if (stringWidth(name) <= width) return name
  return takeStart(name, width - 1).trimEnd() + ELLIPSIS
}

function cutMiddle(name: string, width: number): string {
  if (stringWidth(name) <= width) return name
  const start = Math.floor((width - 1) / 2)
  return takeStart(name, start) + ELLIPSIS + takeEnd(name, width - 1 - start)
}

function takeStart(text: string, width: number): string {
  return take(graphemes(text), width).join('')
}

function takeEnd(text: string, width: number): string {
  return take(graphemes(text).toReversed(), width).toReversed().join('')
}

function take(characters: readonly string[], width: number): readonly string[] {
  let used = 0
  const end = characters.findIndex(character => {
    used += stringWidth(character)
    return used > width
  })
  return end === -1 ? characters : characters.slice(0, end)
}

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What a reader calls a character; a cut inside one would print half of an emoji. */
function graphemes(text: string): readonly string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment)
}
