import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { parseSuite } from './suite-file.ts'

const COMMENTED = `{
  // the default of all
  "defaults": {
    "msgs": 10,
    "budgets": { "efficiency": 1 },
  },
  "scenarios": [
    { "name": "A", "producers": 1, "consumers": 1 },
    {
      "name": "B", "producers": 1, "consumers": 2,
      "budgets": { "latencyMs.p95": 5 }, /* tight */
    },
  ],
}
`

function failureOf(text: string): ConfigError {
  try {
    parseSuite(text, 'x.bench.json')
  } catch (thrown) {
    expect.assert(thrown instanceof ConfigError)
    return thrown
  }
  return expect.fail('nothing was thrown')
}

describe('parseSuite()', () => {
  test("runs the seed's own config: four scenarios of 100,000 messages", () => {
    const text = readFileSync(new URL('golden/default_config.json', import.meta.url), 'utf8')
    const { suite } = parseSuite(text, 'default_config.json')
    expect(
      suite.scenarios.map(({ name, msgs, producers, consumers }) => [
        name,
        msgs,
        producers,
        consumers,
      ]),
    ).toEqual([
      ['Single-Worker Baseline', 100_000, 1, 1],
      ['Producer-Heavy', 100_000, 10, 2],
      ['Consumer-Heavy', 100_000, 2, 10],
      ['High-Concurrency Stress', 100_000, 10, 50],
    ])
    expect(suite.output).toEqual({
      cli: true,
      html: 'benchmarks/report.html',
      json: 'reports/results.json',
    })
    expect(suite.stated).toEqual(['cli', 'html'])
  })

  test('accepts comments and trailing commas', () => {
    expect(parseSuite(COMMENTED, 'x').suite.scenarios.map(({ name }) => name)).toEqual(['A', 'B'])
  })

  test('gives the range of every scenario, braces included', () => {
    const { scenarioRanges } = parseSuite(COMMENTED, 'x')
    const texts = scenarioRanges.map(({ start, end }) => COMMENTED.slice(start, end))
    expect(texts[0]).toBe('{ "name": "A", "producers": 1, "consumers": 1 }')
    expect(texts[1]).toMatch(/^\{\s+"name": "B"[\s\S]*\/\* tight \*\/\s+\}$/)
    expect(texts).toHaveLength(2)
  })

  test('keeps offsets true behind a byte order mark', () => {
    const text = `\uFEFF${COMMENTED}`
    const [range] = parseSuite(text, 'x').scenarioRanges
    expect(text.slice(range?.start, range?.end)).toMatch(/^\{ "name": "A".*\}$/)
  })

  test.each([
    { end: 'LF', text: COMMENTED },
    { end: 'CR LF', text: COMMENTED.replaceAll('\n', '\r\n') },
    { end: 'CR', text: COMMENTED.replace(/\/\/.*/, '').replaceAll('\n', '\r') },
  ])('locates keys and scenarios from 1 where lines end in $end', ({ text }) => {
    const { locate } = parseSuite(text, 'x')
    expect(locate([])).toEqual({ line: 1, column: 1 })
    expect(locate(['scenarios'])).toEqual({ line: 7, column: 3 })
    expect(locate(['scenarios', 0])).toEqual({ line: 8, column: 5 })
    expect(locate(['scenarios', 1])).toEqual({ line: 9, column: 5 })
    expect(locate(['scenarios', 1, 'consumers'])).toEqual({ line: 10, column: 36 })
    expect(locate(['scenarios', 1, 'budgets', 'latencyMs.p95'])).toEqual({ line: 11, column: 20 })
  })

  test('locates what comes from defaults there, and what is not written at its parent', () => {
    const { locate } = parseSuite(COMMENTED, 'x')
    expect(locate(['scenarios', 1, 'budgets', 'efficiency'])).toEqual({ line: 5, column: 18 })
    expect(locate(['scenarios', 0, 'msgs'])).toEqual({ line: 4, column: 5 })
    expect(locate(['scenarios', 0, 'leaseMs'])).toEqual({ line: 8, column: 5 })
    expect(locate(['scenarios', 9])).toEqual({ line: 7, column: 3 })
    expect(locate(['output', 'html'])).toEqual({ line: 1, column: 1 })
  })
})

const INHERITED = `{
  "defaults": { "consumers": [1, 2], "budgets": { "efficiency": 1 } },
  "scenarios": [
    {
      "name": "top", "extends": "middle",
      "budgets": { "latencyMs.p95": 5 }
    },
    { "name": "middle", "extends": "base", "producers": 2,
      "budgets": { "maxInFlight": 5 } },
    { "name": "base", "producers": 1,
      "msgs": 10 }
  ]
}`

describe('parseSuite() of scenarios that extend others', () => {
  test('locates what is taken from them, over what defaults say', () => {
    const { locate, suite } = parseSuite(INHERITED, 'x')
    expect(suite.scenarios.map(({ entry }) => entry)).toEqual([0, 0, 1, 1, 2, 2])
    expect(locate(['scenarios', 0, 'producers'])).toEqual({ line: 8, column: 44 })
    expect(locate(['scenarios', 0, 'msgs'])).toEqual({ line: 11, column: 7 })
    expect(locate(['scenarios', 0, 'consumers', 1])).toEqual({ line: 2, column: 34 })
    expect(locate(['scenarios', 0, 'budgets', 'latencyMs.p95'])).toEqual({ line: 6, column: 20 })
    expect(locate(['scenarios', 0, 'budgets', 'maxInFlight'])).toEqual({ line: 9, column: 20 })
    expect(locate(['scenarios', 0, 'budgets', 'efficiency'])).toEqual({ line: 2, column: 51 })
    expect(locate(['scenarios', 2, 'extends'])).toEqual({ line: 10, column: 5 })
    expect(locate(['scenarios', 2, 'leaseMs'])).toEqual({ line: 10, column: 5 })
  })

  test('gives one range for each entry, whatever a sweep makes of it', () => {
    expect(parseSuite(INHERITED, 'x').scenarioRanges).toHaveLength(3)
  })
})

describe('parseSuite() throws', () => {
  test('all problems in the order of the text, each with its place and path', () => {
    const failure = failureOf(`{
  "scenarios": [
    { "name": "A", "msgs": 0, "producers": 1, "consumers": 1 },
    { "name": "A", "msgs": 1, "producers": 1, "consumer": 1 },
    { "name": "B", "producers": 1.5, "consumers": 1, "consumers": 2 }
  ],
  "outputs": {}
}`)
    expect(failure.code).toBe('CONFIG_INVALID')
    expect(failure.message.split('\n')).toEqual([
      'x.bench.json:3:20: Cannot use 0 as msgs: it takes a whole number from 1 to 100000000',
      'x.bench.json:4:7: Cannot use the name "A" twice: scenarios[0] has it already',
      'x.bench.json:4:47: Cannot use the unknown key "consumer" in scenarios[1]: did you mean "consumers"?',
      'x.bench.json:5:5: Cannot run scenarios[2] without msgs: neither it nor defaults says how much to send, by msgs, durationSeconds, stages or find',
      'x.bench.json:5:20: Cannot use 1.5 as producers: it takes a whole number from 1 to 10000',
      'x.bench.json:5:54: Cannot use the key "consumers" twice in scenarios[2]: line 5 has it already',
      'x.bench.json:7:3: Cannot use the unknown key "outputs" in the suite: did you mean "output"?',
    ])
    expect(failure.problems[0]).toEqual({
      file: 'x.bench.json',
      line: 3,
      column: 20,
      path: ['scenarios', 0, 'msgs'],
      message: 'Cannot use 0 as msgs: it takes a whole number from 1 to 100000000',
    })
  })

  test('one problem of defaults once, however many scenarios take it', () => {
    const failure = failureOf(
      '{"defaults": {"msgs": 9, "producers": 0, "consumers": 1}, "scenarios": [{"name": "A"}, {"name": "B"}]}',
    )
    expect(failure.problems).toHaveLength(1)
    expect(failure.problems[0]?.path).toEqual(['defaults', 'producers'])
  })

  test('a problem of a base or of a sweep once, where it is written', () => {
    const failure = failureOf(`{
  "defaults": {
    "producers": [1, 2],
    "payloadBytes": [
      [64, 64],
      [7, 64]
    ]
  },
  "scenarios": [
    { "name": "A", "extends": "B" },
    { "name": "B", "msgs": 5, "consumers": 1,
      "idleBackoffMs": 50,
      "idleBackoffMaxMs": 5 },
    { "name": "C", "extends": "A" },
    { "name": "D", "extends": "Z" }
  ]
}`)
    expect(failure.message.split('\n')).toEqual([
      'x.bench.json:6:7: Cannot use 7 as payloadBytes: the longest identity of 1000 messages needs 18 bytes',
      'x.bench.json:13:7: Cannot use 5 as idleBackoffMaxMs: it is less than idleBackoffMs, which is 50',
      'x.bench.json:15:20: Cannot use "Z" as extends: no scenario has that name',
    ])
  })

  test('a key that is written twice, at the second place', () => {
    const failure = failureOf(
      '{\n"output": {"cli": true},\n"output": {"cli": false},\n"scenarios": [{"name": "A", "msgs": 1, "producers": 1, "consumers": 1}]}',
    )
    expect(failure.message).toBe(
      'x.bench.json:3:1: Cannot use the key "output" twice in the suite: line 2 has it already',
    )
  })

  test.each([
    { text: '', place: '1:1', reason: 'a value is expected, found the end of the file' },
    { text: '// nothing', place: '1:11', reason: 'a value is expected, found the end of the file' },
    { text: '{\n"a" 1}', place: '2:5', reason: 'a colon is expected, found "1"' },
    {
      text: '{"a": 1 "b": 2}',
      place: '1:9',
      reason: 'a comma is expected before the next value, found "\\"b\\""',
    },
    { text: '{"a": 1', place: '1:8', reason: '"}" is expected, found the end of the file' },
    {
      text: '{a: 1}',
      place: '1:2',
      reason: 'a value or a key in double quotes is expected, found "a"',
    },
    { text: '{}}', place: '1:3', reason: 'nothing may follow the suite, found "}"' },
    { text: '{"a": "x', place: '1:7', reason: 'a string has no end, found "\\"x"' },
  ])('where $text is malformed', ({ text, place, reason }) => {
    const [first] = failureOf(text).message.split('\n')
    expect(first).toBe(`x.bench.json:${place}: Cannot read the file as JSON: ${reason}`)
  })

  test('at the 33rd level of nesting instead of overflowing the stack', () => {
    expect(failureOf('['.repeat(1_000_000)).message).toBe(
      'x.bench.json:1:33: Cannot read the file as JSON: it is nested deeper than 32 levels',
    )
  })

  test('50 lines at most, and all problems', () => {
    const scenarios = Array.from({ length: 60 }, () => '3').join()
    const failure = failureOf(`{"scenarios": [${scenarios}]}`)
    expect(failure.problems).toHaveLength(60)
    expect(failure.message.split('\n')).toHaveLength(51)
    expect(failure.message).toMatch(/\n\.\.\. and 10 more$/)
  })
})
