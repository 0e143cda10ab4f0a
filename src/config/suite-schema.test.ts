import { describe, expect, test } from 'vitest'
import { checkSuite } from './suite.ts'

const SCENARIO = { name: 'A', msgs: 100, producers: 1, consumers: 1 }

function messagesOf(value: unknown): string[] {
  const check = checkSuite(value)
  expect.assert(check.kind === 'invalid')
  return check.issues.map(({ path, message }) => `${path.join('/')}: ${message}`)
}

describe('suiteSchema refuses', () => {
  const ranges = [
    ['msgs', 1, 100_000_000],
    ['leaseMs', 1, 43_200_000],
    ['idleBackoffMs', 1, 86_400_000],
    ['idleBackoffMaxMs', 1, 86_400_000],
    ['threads', 1, 64],
    ['warmupMsgs', 0, 10_000_000],
    ['processingMs', 0, 86_400_000],
    ['rounds', 1, 100],
    ['seed', 0, 4_294_967_295],
    ['stallTimeoutMs', 1, 86_400_000],
    ['timeoutMs', 1, 86_400_000],
  ] as const

  test.each(ranges)('%s that is no whole number from %d to %d', (key, min, max) => {
    const wrong = [min - 1, -5, 1.5, max + 1, 1e300, Number.NaN, Number.POSITIVE_INFINITY]
    for (const value of wrong) {
      expect(messagesOf({ scenarios: [{ ...SCENARIO, [key]: value }] })).toEqual([
        `scenarios/0/${key}: Cannot use ${value} as ${key}: it takes a whole number from ${min} to ${max}`,
      ])
    }
    for (const value of ['5', null, true, [5]]) {
      expect(messagesOf({ scenarios: [{ ...SCENARIO, [key]: value }] })).toEqual([
        `scenarios/0/${key}: Cannot use ${JSON.stringify(value)} as ${key}: it takes a whole number from ${min} to ${max}`,
      ])
    }
  })

  const sweepable = [
    ['producers', 1, 10_000, ''],
    ['consumers', 1, 10_000, ''],
    ['pipeline', 1, 1024, ''],
    ['payloadBytes', 1, 8_388_608, ', or a range as [min, max]'],
  ] as const

  test.each(sweepable)('%s that is no whole number from %d to %d', (key, min, max, more) => {
    const plain = `it takes a whole number from ${min} to ${max}`
    for (const value of [min - 1, -5, 1.5, max + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(messagesOf({ scenarios: [{ ...SCENARIO, [key]: value }] })).toEqual([
        `scenarios/0/${key}: Cannot use ${value} as ${key}: ${plain}`,
      ])
      expect(messagesOf({ scenarios: [{ ...SCENARIO, [key]: [100, 200, value] }] })).toEqual([
        `scenarios/0/${key}/2: Cannot use ${value} as scenarios[0].${key}[2]: ${plain}`,
      ])
    }
    for (const value of ['5', null, true, [], {}]) {
      expect(messagesOf({ scenarios: [{ ...SCENARIO, [key]: value }] })).toEqual([
        `scenarios/0/${key}: Cannot use ${JSON.stringify(value)} as ${key}: ${plain}${more}, or a list of 1 to 100 of them to sweep`,
      ])
    }
    for (const value of ['5', null]) {
      expect(messagesOf({ scenarios: [{ ...SCENARIO, [key]: [100, 200, value] }] })).toEqual([
        `scenarios/0/${key}/2: Cannot use ${JSON.stringify(value)} as scenarios[0].${key}[2]: ${plain}${more}`,
      ])
    }
  })

  const positive = [
    ['durationSeconds', 86_400, ''],
    ['rate', 10_000_000, ', or a list of 1 to 100 of them to sweep'],
  ] as const

  test.each(positive)('%s that is no number above 0, at most %d', (key, max, more) => {
    const plain = `it takes a number above 0, at most ${max}`
    for (const value of [0, -0.5, max + 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(messagesOf({ defaults: { [key]: value }, scenarios: [SCENARIO] })).toContain(
        `defaults/${key}: Cannot use ${value} as ${key}: ${plain}`,
      )
    }
    expect(messagesOf({ defaults: { [key]: '1' }, scenarios: [SCENARIO] })).toContain(
      `defaults/${key}: Cannot use "1" as ${key}: ${plain}${more}`,
    )
  })

  test.each([
    { key: 'stages', value: [], words: 'a list of 1 to 100 stages' },
    { key: 'stages', value: { rate: 1, seconds: 1 }, words: 'a list of 1 to 100 stages' },
    { key: 'find', value: 5, words: 'an object of maxRate, while and perhaps holdSeconds' },
    { key: 'extends', value: 5, words: 'the name of another scenario of 1 to 120 characters' },
    { key: 'extends', value: '', words: 'the name of another scenario of 1 to 120 characters' },
  ])('$value as $key', ({ key, value, words }) => {
    const { msgs: _, ...scenario } = SCENARIO
    expect(messagesOf({ scenarios: [{ ...scenario, [key]: value }] })).toEqual([
      `scenarios/0/${key}: Cannot use ${JSON.stringify(value)} as ${key}: it takes ${words}`,
    ])
  })

  test.each(['both', null])('%j as mode', mode => {
    expect(messagesOf({ scenarios: [{ ...SCENARIO, mode }] })).toEqual([
      `scenarios/0/mode: Cannot use ${JSON.stringify(mode)} as mode: it takes "concurrent", "produce" or "drain"`,
    ])
  })

  test('extends in defaults, which even the extended scenario would take', () => {
    expect(messagesOf({ defaults: { extends: 'A' }, scenarios: [SCENARIO] })).toEqual([
      expect.stringContaining('defaults/extends: Cannot use the unknown key "extends" in defaults'),
    ])
  })

  const NAME = 'text of 1 to 120 characters'
  test.each([
    { what: 'a number', name: 3, message: `Cannot use 3 as name: it takes ${NAME}` },
    { what: 'blank', name: ' ', message: `Cannot use "" as name: it takes ${NAME}` },
    {
      what: 'too long',
      name: 'x'.repeat(121),
      message: `Cannot use "${'x'.repeat(59)}... as name: it takes ${NAME}`,
    },
    {
      what: 'with a control character',
      name: 'a\u001b[31m',
      message: 'Cannot use "a\\u001b[31m" as name: it takes text without control characters',
    },
  ])('a name that is $what', ({ name, message }) => {
    expect(messagesOf({ scenarios: [{ ...SCENARIO, name }] })).toEqual([
      `scenarios/0/name: ${message}`,
    ])
  })

  test('a scenario without name', () => {
    const { name: _, ...scenario } = SCENARIO
    expect(messagesOf({ scenarios: [scenario] })).toEqual([
      `scenarios/0/name: Cannot find the key "name": ${NAME} is required`,
    ])
  })

  test.each([
    { what: 'no scenario', value: { scenarios: [] }, shown: '[] as scenarios' },
    { what: 'no list', value: { scenarios: {} }, shown: '{} as scenarios' },
  ])('a suite with $what', ({ value, shown }) => {
    expect(messagesOf(value)).toEqual([
      `scenarios: Cannot use ${shown}: it takes a list of 1 to 1000 scenarios`,
    ])
  })

  test('more than 1000 scenarios', () => {
    const scenarios = Array.from({ length: 1001 }, (_, index) => ({
      ...SCENARIO,
      name: `${index}`,
    }))
    expect(messagesOf({ scenarios })).toEqual([
      expect.stringContaining('it takes a list of 1 to 1000 scenarios'),
    ])
  })

  test.each([[3], [null], [[]], ['text'], [undefined]])('%j as a suite', value => {
    expect(messagesOf(value)).toEqual([
      `: Cannot use ${JSON.stringify(value)} here: it takes an object`,
    ])
  })

  test.each([
    { budget: -1, message: 'Cannot use -1 as efficiency: it takes a number from 0' },
    {
      budget: '5',
      message: 'Cannot use "5" as efficiency: it takes a number, or an object with max or min',
    },
    { budget: {}, message: 'Cannot use a budget without a limit: it takes max, min or both' },
    {
      budget: { level: 'warn' },
      message: 'Cannot use a budget without a limit: it takes max, min or both',
    },
    {
      budget: { min: 3, max: 2 },
      message: 'Cannot use a budget of min 3 and max 2: no value meets both',
    },
  ])('the budget $budget', ({ budget, message }) => {
    expect(messagesOf({ scenarios: [{ ...SCENARIO, budgets: { efficiency: budget } }] })).toEqual([
      `scenarios/0/budgets/efficiency: ${message}`,
    ])
  })

  test('a budget of an unknown level', () => {
    const budgets = { efficiency: { min: 3, level: 'fatal' } }
    expect(messagesOf({ scenarios: [{ ...SCENARIO, budgets }] })).toEqual([
      'scenarios/0/budgets/efficiency/level: Cannot use "fatal" as level: it takes "error" or "warn"',
    ])
  })

  test.each([
    {
      server: 'external',
      message:
        'server: Cannot use "external" as server: it takes "embedded", { "addr": "host:port" } or { "command": "..." }',
    },
    {
      server: {},
      message: 'server: Cannot use a server without addr and command: it takes one of them',
    },
    {
      server: { addr: 'localhost:1', command: 'x' },
      message: 'server: Cannot use addr and command together: a server has one of them',
    },
    {
      server: { addr: 'localhost:1', cwd: 'x' },
      message: 'server/cwd: Cannot use cwd with addr: it belongs to command',
    },
    {
      server: { addr: 'localhost' },
      message:
        'server/addr: Cannot use "localhost" as addr: it has no port; write it as localhost:9000 or [::1]:9000',
    },
    {
      server: { command: 'x', readyTimeoutMs: 0 },
      message:
        'server/readyTimeoutMs: Cannot use 0 as readyTimeoutMs: it takes a whole number from 1 to 3600000',
    },
    {
      server: { command: 'x', env: { PORT: 9000 } },
      message: 'server/env/PORT: Cannot use 9000 as PORT: it takes text',
    },
  ])('the server $server', ({ server, message }) => {
    expect(messagesOf({ server, scenarios: [SCENARIO] })).toEqual([message])
  })

  test.each([
    {
      output: { html: '' },
      message: 'output/html: Cannot use "" as html: it takes a file path of 1 to 4096 characters',
    },
    {
      output: { json: true },
      message: 'output/json: Cannot use true as json: it takes a file path, or false',
    },
    {
      output: { cli: 'no' },
      message: 'output/cli: Cannot use "no" as cli: it takes true or false',
    },
    {
      output: { html: 'a', json: 'a' },
      message: 'output/json: Cannot write html and json to one file: both are "a"',
    },
  ])('the output $output', ({ output, message }) => {
    expect(messagesOf({ output, scenarios: [SCENARIO] })).toEqual([message])
  })
})
