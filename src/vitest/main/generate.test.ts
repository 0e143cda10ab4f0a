import { SourceMap } from 'node:module'
import { describe, expect, test } from 'vitest'
import { parseSuite } from '../../config/suite-file.ts'
import type { SuiteModule } from '../../config/suite-module.ts'
import { generateModule } from './generate.ts'

const TEXT = `{
  "defaults": { "msgs": 5, "producers": 1, "budgets": { "efficiency": 1 } },
  "scenarios": [
    { "name": "first", "consumers": 1 },
    {
      "name": "swept", "consumers": [1, 2],
      "budgets": { "maxInFlight": 5 }
    },
    { "name": "last", "extends": "swept", "consumers": 3 }
  ]
}`

const FILE = '/project/bench/x.bench.json'
const { code, map } = generateModule(TEXT, parseSuite(TEXT, FILE), { workerUrl: '/worker.ts' })

/** Every match with its place in the generated code, both from 0. */
function matchesOf(pattern: RegExp) {
  return code.split('\n').flatMap((text, line) =>
    [...text.matchAll(pattern)].map(match => ({
      found: match[1] ?? '',
      line,
      column: match.index,
    })),
  )
}

describe('generateModule()', () => {
  test('makes one describe of each scenario, those of a sweep at the line of their entry', () => {
    const describes = matchesOf(/describe\("([^"]*)"/g)
    expect(describes.map(({ found, line }) => [found, line + 1])).toEqual([
      ['first', 4],
      ['swept [consumers=1]', 5],
      ['swept [consumers=2]', 5],
      ['last', 9],
    ])
  })

  test('maps all tests back to the line of their entry', () => {
    const sourceMap = new SourceMap(JSON.parse(map.toString()))
    const origins = matchesOf(/\btest\("(\w+)"/g).map(({ found, line, column }) => {
      const entry = sourceMap.findEntry(line, column)
      expect.assert('originalLine' in entry)
      return [found, entry.originalLine + 1]
    })
    const lines = [4, 4, 5, 5, 5, 5, 9, 9]
    expect(origins).toEqual(lines.map((line, at) => [at % 2 === 0 ? 'measure' : 'verify', line]))
  })

  test('has each test run the scenario of its name', () => {
    const calls = matchesOf(/suite\.(\w+\(\d)/g).map(({ found }) => found)
    const steps = [0, 1, 2, 3].flatMap(index => [`measure(${index}`, `verify(${index}`])
    expect(calls).toEqual(steps)
  })

  test('places every scenario of a sweep at its entry, and budgets where they are written', () => {
    const [written] = /new SuiteTests\((.*?)\);/.exec(code)?.slice(1) ?? []
    const { suite, places }: SuiteModule = JSON.parse(written ?? '')
    const swept = {
      scenario: { line: 5, column: 5 },
      budgets: { efficiency: { line: 2, column: 57 }, maxInFlight: { line: 7, column: 20 } },
    }
    expect(suite.scenarios.map(({ name }) => name)).toEqual([
      'first',
      'swept [consumers=1]',
      'swept [consumers=2]',
      'last',
    ])
    expect(places).toEqual([
      { scenario: { line: 4, column: 5 }, budgets: { efficiency: { line: 2, column: 57 } } },
      swept,
      swept,
      { ...swept, scenario: { line: 9, column: 5 } },
    ])
  })
})
