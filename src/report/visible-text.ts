/**
 * One line of text from outside with everything that could act instead of being read (control and
 * escape characters, direction overrides, invisible marks, halves of characters) written as an
 * escape such as `\u202e`.
 */
export function visible(text: string): string {
  return text.replace(ACTING, character => ESCAPES.get(character) ?? unicodeEscape(character))
}

/** Like `visible`, for messages that may have several lines: the line breaks stay. */
export function visibleLines(text: string): string {
  return text.trim().split(/\r?\n/).map(visible).join('\n')
}

/**
 * Controls; soft hyphen-like and bidirectional marks; line and paragraph separators; lone
 * surrogates. Zero-width joiners stay: emoji and several scripts need them.
 */
const ACTING =
  /[\p{Cc}\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
