import {
  createScanner,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import { showValue } from './field.ts'

export type JsonReading =
  | { readonly kind: 'read'; readonly root: Node }
  | { readonly kind: 'malformed'; readonly faults: readonly TextFault[] }

/** Something wrong at an offset of a text, in UTF-16 units. */
export interface TextFault {
  readonly offset: number
  readonly message: string
}

/** Reads JSON with comments and trailing commas; a byte order mark is skipped. Never throws. */
export function readJson(text: string): JsonReading {
  // A space in its place keeps all offsets.
  const json = text.replace(/^\uFEFF/, ' ')
  const tooDeep = findExcessNesting(json)
  if (tooDeep !== undefined) return { kind: 'malformed', faults: [tooDeep] }
  const errors: ParseError[] = []
  const root = parseTree(json, errors, { allowTrailingComma: true })
  if (root !== undefined && errors.length === 0) return { kind: 'read', root }
  return { kind: 'malformed', faults: firstPerLine(json, errors).map(e => faultOf(json, e)) }
}

const NESTING_MAX = 32

/** The parser recurses, so a deep text must not reach it. */
function findExcessNesting(text: string): TextFault | undefined {
  const scanner = createScanner(text, true)
  let depth = 0
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const offset = scanner.getTokenOffset()
    const token = text.charAt(offset)
    if (token === '}' || token === ']') depth--
    if (token === '{' || token === '[') depth++
    if (depth > NESTING_MAX) {
      const message = `Cannot read the file as JSON: it is nested deeper than ${NESTING_MAX} levels`
      return { offset, message }
    }
  }
  return undefined
}

/** What follows an error in its line is mostly a consequence of it. */
function firstPerLine(text: string, errors: readonly ParseError[]): ParseError[] {
  return errors.filter((error, index) => {
    const before = errors[index - 1]
    return before === undefined || /[\r\n]/.test(text.slice(before.offset, error.offset))
  })
}

const FOUND_LENGTH_MAX = 30

function faultOf(text: string, { error, offset, length }: ParseError): TextFault {
  const end = Math.min(offset + length, offset + FOUND_LENGTH_MAX)
  const found = offset < text.length ? showValue(text.slice(offset, end)) : 'the end of the file'
  const reason = REASONS[printParseErrorCode(error)] ?? 'it is malformed here'
  return { offset, message: `Cannot read the file as JSON: ${reason}, found ${found}` }
}

const REASONS: Partial<Record<ReturnType<typeof printParseErrorCode>, string>> = {
  InvalidSymbol: 'a value or a key in double quotes is expected',
  InvalidNumberFormat: 'a number is expected',
  PropertyNameExpected: 'a key in double quotes is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected before the next value',
  CloseBraceExpected: '"}" is expected',
  CloseBracketExpected: '"]" is expected',
  EndOfFileExpected: 'nothing may follow the suite',
  UnexpectedEndOfComment: 'a comment has no end',
  UnexpectedEndOfString: 'a string has no end',
  UnexpectedEndOfNumber: 'a number has no end',
  InvalidUnicode: 'a string has a malformed \\u escape',
  InvalidEscapeCharacter: 'a string has an unknown escape',
  InvalidCharacter: 'a string has a raw control character',
}
