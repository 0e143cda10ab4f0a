import { availableParallelism } from 'node:os'
import { describe, expect, test } from 'vitest'
import { BenchError } from '../errors.ts'
import { automaticThreads } from './complete-scenario.ts'
import { checkSuite, defineSuite } from './suite.ts'

const SCENARIO = { name: 'A', msgs: 100, producers: 1, consumers: 1 }

function messagesOf(value: unknown): string[] {
  const check = checkSuite(value)
  expect.assert(check.kind === 'invalid')
  return check.issues.map(({ path, message }) => `${path.join('/')}: ${message}`)
}

describe('checkSuite() completes', () => {
  test('a scenario of the required keys with the defaults', () => {
    expect(defineSuite({ scenarios: [SCENARIO] })).toEqual({
      scenarios: [
        {
          ...SCENARIO,
          entry: 0,
          mode: 'concurrent',
          load: { kind: 'closed' },
          leaseMs: 30_000,
          processingMs: 0,
          idleBackoffMs: 1,
          idleBackoffMaxMs: 16,
          pipeline: 1,
          producerPipeline: 1,
          threads: automaticThreads(availableParallelism(), 2),
          warmupMsgs: 1000,
          rounds: 1,
          seed: 1,
          stallTimeoutMs: 10_000,
          timeoutMs: 102_200,
          budgets: [],
        },
      ],
      server: { kind: 'embedded' },
      output: { cli: true, html: 'reports/report.html', json: 'reports/results.json' },
      stated: [],
    })
  })

  test('idleBackoffMaxMs from consumers, and from a first wait that is longer', () => {
    const { scenarios } = defineSuite({
      scenarios: [
        { ...SCENARIO, name: 'many consumers', consumers: 1000 },
        { ...SCENARIO, name: 'long wait', idleBackoffMs: 500 },
        { ...SCENARIO, name: 'stated', idleBackoffMaxMs: 2 },
      ],
    })
    expect(scenarios.map(one => one.idleBackoffMaxMs)).toEqual([250, 500, 2])
  })

  test('a scenario from defaults, below its own keys', () => {
    const { scenarios } = defineSuite({
      defaults: { msgs: 5, producers: 2, consumers: 3, leaseMs: 50 },
      scenarios: [{ name: 'A' }, { name: 'B', leaseMs: 60, payloadBytes: undefined }],
    })
    expect(scenarios).toMatchObject([
      { name: 'A', msgs: 5, producers: 2, consumers: 3, leaseMs: 50 },
      { name: 'B', msgs: 5, producers: 2, consumers: 3, leaseMs: 60 },
    ])
    expect(scenarios[1]).not.toHaveProperty('payloadBytes')
  })

  test('budgets key by key, the whole of one metric at a time', () => {
    const { scenarios } = defineSuite({
      defaults: { budgets: { 'latencyMs.p95': { max: 9, level: 'warn' }, efficiency: 10 } },
      scenarios: [
        { ...SCENARIO, budgets: { 'latencyMs.p95': 5, maxInFlight: { min: 0, max: 2 } } },
      ],
    })
    expect(scenarios[0]?.budgets).toEqual([
      { metric: 'efficiency', bound: 'min', limit: 10, level: 'error' },
      { metric: 'maxInFlight', bound: 'max', limit: 2, level: 'error' },
      { metric: 'maxInFlight', bound: 'min', limit: 0, level: 'error' },
      { metric: 'latencyMs.p95', bound: 'max', limit: 5, level: 'error' },
    ])
  })

  test('what the file states as stated', () => {
    const { stated } = defineSuite({
      server: 'embedded',
      output: { html: false },
      scenarios: [SCENARIO],
    })
    expect(stated).toEqual(['server', 'html'])
  })

  test.each([
    { server: { addr: '[::1]:9000' }, target: { kind: 'address', host: '::1', port: 9000 } },
    {
      server: { command: 'serve {port}' },
      target: { kind: 'command', command: 'serve {port}', readyTimeoutMs: 10_000, env: {} },
    },
    {
      server: { command: 'serve', readyTimeoutMs: 1, cwd: 'x', env: { A: '1' } },
      target: { kind: 'command', command: 'serve', readyTimeoutMs: 1, cwd: 'x', env: { A: '1' } },
    },
  ])('server $server', ({ server, target }) => {
    expect(defineSuite({ server, scenarios: [SCENARIO] }).server).toEqual(target)
  })

  test('names without the blanks around them', () => {
    expect(defineSuite({ scenarios: [{ ...SCENARIO, name: ' A\t' }] }).scenarios[0]?.name).toBe('A')
  })
})

describe('checkSuite() refuses', () => {
  const AMOUNT = 'says how much to send, by msgs, durationSeconds, stages or find'
  test.each([
    ['msgs', AMOUNT],
    ['producers', 'has that key'],
    ['consumers', 'has that key'],
  ])('a scenario without %s', (key, lack) => {
    const { [key]: _, ...scenario } = SCENARIO as Record<string, unknown>
    expect(messagesOf({ scenarios: [scenario] })).toEqual([
      `scenarios/0/${key}: Cannot run scenarios[0] without ${key}: neither it nor defaults ${lack}`,
    ])
  })

  test('a rate alone, which does not say how much', () => {
    expect(messagesOf({ scenarios: [{ name: 'A', producers: 1, consumers: 1, rate: 5 }] })).toEqual(
      [`scenarios/0/msgs: Cannot run scenarios[0] without msgs: neither it nor defaults ${AMOUNT}`],
    )
  })

  test('two scenarios of one name, blanks around it apart', () => {
    expect(messagesOf({ scenarios: [SCENARIO, { ...SCENARIO, name: 'A ' }] })).toEqual([
      'scenarios/1/name: Cannot use the name "A" twice: scenarios[0] has it already',
    ])
  })

  test.each([
    ['producers', 'producer'],
    ['msgs', 'msg'],
    ['msgs', 'stage'],
    ['msgs', 'durationSecond'],
  ])('a misspelt required key once, not as missing besides: %s as %s', (key, misspelt) => {
    const { [key]: _, ...scenario } = SCENARIO as Record<string, unknown>
    expect(messagesOf({ scenarios: [{ ...scenario, [misspelt]: 1 }] })).toEqual([
      expect.stringContaining(`unknown key "${misspelt}"`),
    ])
  })

  test('payloadBytes under what the identity needs, once where it is written', () => {
    const scenarios = [SCENARIO, { ...SCENARIO, name: 'B' }]
    expect(messagesOf({ defaults: { payloadBytes: 16 }, scenarios })).toEqual([
      'defaults/payloadBytes: Cannot use 16 as payloadBytes: the longest identity of 1000 messages needs 18 bytes',
    ])
    expect(defineSuite({ scenarios: [{ ...SCENARIO, payloadBytes: 18 }] }).scenarios).toHaveLength(
      1,
    )
  })

  test.each([
    { keys: { msgs: 100, payloadBytes: [17, 64] }, place: 'payloadBytes', size: 17, needed: 18 },
    {
      keys: { msgs: 100, payloadBytes: [64, [9, 64]] },
      place: 'payloadBytes/1',
      size: 9,
      needed: 18,
    },
    { keys: { durationSeconds: 2, payloadBytes: 20 }, place: 'payloadBytes', size: 20, needed: 22 },
  ])(
    'the smallest size of $keys, which has no room for the identity',
    ({ keys, place, size, needed }) => {
      const scenario = { name: 'A', producers: 1, consumers: 1, ...keys }
      expect(messagesOf({ scenarios: [scenario] })).toEqual([
        expect.stringMatching(
          `^scenarios/0/${place}: Cannot use ${size} as payloadBytes: .* needs ${needed} bytes$`,
        ),
      ])
    },
  )

  test('more connections than the process may open files, at the larger side', () => {
    const scenario = { ...SCENARIO, producers: 400, consumers: [10, 536, 537] }
    const check = checkSuite({ scenarios: [scenario] }, { openFilesMax: 1000 })
    expect(check).toEqual({
      kind: 'invalid',
      issues: [
        {
          path: ['scenarios', 0, 'consumers', 2],
          message:
            'Cannot open 937 connections, of 400 producers and 537 consumers: the process may open 1000 files, and 64 are kept for others',
        },
      ],
    })
    const other = { ...SCENARIO, producers: 937 }
    expect(checkSuite({ scenarios: [other] }, { openFilesMax: 1000 })).toMatchObject({
      issues: [{ path: ['scenarios', 0, 'producers'] }],
    })
  })

  test('idleBackoffMaxMs under idleBackoffMs', () => {
    const scenario = { ...SCENARIO, idleBackoffMs: 5, idleBackoffMaxMs: 4 }
    expect(messagesOf({ scenarios: [scenario] })).toEqual([
      'scenarios/0/idleBackoffMaxMs: Cannot use 4 as idleBackoffMaxMs: it is less than idleBackoffMs, which is 5',
    ])
  })
})

test('defineSuite() throws every issue with its place', () => {
  const define = () => defineSuite({ scenarios: [{ ...SCENARIO, msgs: 0, consumers: -1 }] })
  expect(define).toThrow(BenchError)
  expect(define).toThrow(
    [
      'scenarios[0].msgs: Cannot use 0 as msgs: it takes a whole number from 1 to 100000000',
      'scenarios[0].consumers: Cannot use -1 as consumers: it takes a whole number from 1 to 10000',
    ].join('\n'),
  )
})
