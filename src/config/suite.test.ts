import { describe, expect, test } from 'vitest'
import { BenchError } from '../errors.ts'
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
          leaseMs: 30_000,
          idleBackoffMs: 1,
          idleBackoffMaxMs: 16,
          pipeline: 1,
          warmupMsgs: 1000,
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
      scenarios: [{ name: 'A' }, { name: 'B', leaseMs: 60, threads: undefined }],
    })
    expect(scenarios).toMatchObject([
      { name: 'A', msgs: 5, producers: 2, consumers: 3, leaseMs: 50 },
      { name: 'B', msgs: 5, producers: 2, consumers: 3, leaseMs: 60 },
    ])
    expect(scenarios[1]).not.toHaveProperty('threads')
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
  test.each(['msgs', 'producers', 'consumers'])('a scenario without %s', key => {
    const { [key]: _, ...scenario } = SCENARIO as Record<string, unknown>
    expect(messagesOf({ scenarios: [scenario] })).toEqual([
      `scenarios/0/${key}: Cannot run scenarios[0] without ${key}: neither it nor defaults has that key`,
    ])
  })

  test('two scenarios of one name, blanks around it apart', () => {
    expect(messagesOf({ scenarios: [SCENARIO, { ...SCENARIO, name: 'A ' }] })).toEqual([
      'scenarios/1/name: Cannot use the name "A" twice: scenarios[0] has it already',
    ])
  })

  test('a misspelt required key once, not as missing besides', () => {
    const { producers: _, ...scenario } = SCENARIO
    expect(messagesOf({ scenarios: [{ ...scenario, producer: 1 }] })).toHaveLength(1)
  })

  test('payloadBytes under what the identity needs, from defaults as well', () => {
    const need = 'the identity of a message needs 18 bytes in scenarios[0]'
    expect(messagesOf({ defaults: { payloadBytes: 16 }, scenarios: [SCENARIO] })).toEqual([
      `scenarios/0/payloadBytes: Cannot use 16 as payloadBytes: ${need}`,
    ])
    expect(defineSuite({ scenarios: [{ ...SCENARIO, payloadBytes: 18 }] }).scenarios).toHaveLength(
      1,
    )
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
