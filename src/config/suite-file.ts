import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser'
import { ConfigError } from './config-error.ts'
import type { ConfigIssue } from './config-issue.ts'
import { type ConfigPath, showPath, showValue } from './field.ts'
import { readJson } from './json-syntax.ts'
import type { Suite } from './scenario.ts'
import { checkSuite } from './suite.ts'

/** A suite and where its parts stand in the text. */
export interface SuiteFile {
  readonly file: string
  readonly suite: Suite
  /**
   * Where a key is written; of an item of a list, where the item begins. What a scenario takes from
   * another one or from `defaults` is found there, and what is written nowhere, at its nearest
   * parent. Scenarios count as they are written, not as sweeps expand them.
   */
  locate(path: ConfigPath): Position
  /** Of the entries as they are written, braces included; `Scenario.entry` counts them. */
  readonly scenarioRanges: readonly TextRange[]
}

/** Both count from 1; columns are UTF-16 units. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Offsets into the text in UTF-16 units; `end` is the first one behind. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads a suite from JSON with comments. Throws a ConfigError with all that is wrong; only where the
 * JSON itself is malformed are its values not looked at. `file` is the name to show, never opened.
 */
export function parseSuite(text: string, file: string): SuiteFile {
  const positionOf = positionsIn(text)
  const fail = (placed: readonly PlacedIssue[]): never => {
    const inOrder = placed.toSorted((a, b) => a.offset - b.offset)
    throw new ConfigError(
      inOrder.map(({ offset, message, path }) => ({ message, file, ...positionOf(offset), path })),
    )
  }

  const reading = readJson(text)
  if (reading.kind === 'malformed')
    return fail(reading.faults.map(fault => ({ ...fault, path: [] })))
  const { root } = reading
  const value: unknown = getNodeValue(root)
  const check = checkSuite(value)
  const issues = check.kind === 'invalid' ? check.issues : []
  const placed = [
    ...issues.map(issue => ({ ...issue, offset: offsetOf(root, issue.path) })),
    ...findRepeatedKeys(root, [], positionOf),
  ]
  if (check.kind === 'invalid' || placed.length > 0) return fail(placed)
  const scenarios = findNodeAtLocation(root, ['scenarios'])?.children ?? []
  return {
    file,
    suite: check.suite,
    locate: path => positionOf(offsetOf(root, check.originOf(path))),
    scenarioRanges: scenarios.map(({ offset, length }) => ({
      start: offset,
      end: offset + length,
    })),
  }
}

interface PlacedIssue extends ConfigIssue {
  readonly offset: number
}

function offsetOf(root: Node, path: ConfigPath): number {
  const node = findNodeAtLocation(root, [...path])
  if (node === undefined) return offsetOf(root, path.slice(0, -1))
  return node.parent?.type === 'property' ? node.parent.offset : node.offset
}

function findRepeatedKeys(
  node: Node,
  path: ConfigPath,
  positionOf: (offset: number) => Position,
): PlacedIssue[] {
  if (node.type === 'array') {
    return (node.children ?? []).flatMap((item, index) =>
      findRepeatedKeys(item, [...path, index], positionOf),
    )
  }
  if (node.type !== 'object') return []
  const first = new Map<string, Node>()
  return (node.children ?? []).flatMap(({ offset, children: [key, value] = [] }) => {
    const name = String(key?.value)
    const earlier = first.get(name)
    if (key !== undefined && earlier === undefined) first.set(name, key)
    const here = [...path, name]
    const within = value === undefined ? [] : findRepeatedKeys(value, here, positionOf)
    if (earlier === undefined) return within
    const { line } = positionOf(earlier.offset)
    const message = `Cannot use the key ${showValue(name)} twice in ${showPath(path, 'the suite')}: line ${line} has it already`
    return [{ path: here, message, offset }, ...within]
  })
}

function positionsIn(text: string): (offset: number) => Position {
  const starts = [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map(end => end.index + end[0].length)]
  return offset => {
    const line = starts.findLastIndex(start => start <= offset)
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 }
  }
}
