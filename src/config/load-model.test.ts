import { describe, expect, test } from 'vitest'
import { checkSuite, defineSuite, type SuiteInput } from './suite.ts'

type Keys = Partial<SuiteInput['scenarios'][number]>

const PAIR = { name: 'A', producers: 1, consumers: 1 }

function scenarioOf(keys: Keys) {
  const [scenario] = defineSuite({ scenarios: [{ ...PAIR, ...keys }] }).scenarios
  expect.assert(scenario !== undefined)
  return scenario
}

function messagesOf(keys: object): string[] {
  const check = checkSuite({ scenarios: [{ ...PAIR, ...keys }] })
  expect.assert(check.kind === 'invalid')
  return check.issues.map(({ path, message }) => `${path.slice(2).join('/')}: ${message}`)
}

const constant = (rate: number, seconds: number) => ({ fromRate: rate, toRate: rate, seconds })

describe('a closed loop', () => {
  test('sends all msgs', () => {
    expect(scenarioOf({ msgs: 7 })).toMatchObject({ msgs: 7, load: { kind: 'closed' } })
    expect(scenarioOf({ msgs: 7 }).load).not.toHaveProperty('durationSeconds')
  })

  test.each([
    { durationSeconds: 2.5, msgs: 2_500_000 },
    { durationSeconds: 0.000_000_5, msgs: 1 },
    { durationSeconds: 3600, msgs: 100_000_000 },
  ])('of $durationSeconds seconds may send $msgs messages', ({ durationSeconds, msgs }) => {
    expect(scenarioOf({ durationSeconds })).toMatchObject({
      msgs,
      load: { kind: 'closed', durationSeconds },
    })
  })
})

describe('an open loop', () => {
  test.each<{ keys: Keys; msgs: number; stages: object[] }>([
    { keys: { rate: 200, msgs: 50 }, msgs: 50, stages: [constant(200, 0.25)] },
    { keys: { rate: 3, durationSeconds: 1.5 }, msgs: 5, stages: [constant(3, 1.5)] },
    {
      keys: {
        stages: [
          { rate: 100, seconds: 2 },
          { rate: 0, seconds: 1 },
          { from: 0, rate: 50, seconds: 0.5 },
        ],
      },
      msgs: 213,
      stages: [constant(100, 2), constant(0, 1), { fromRate: 0, toRate: 50, seconds: 0.5 }],
    },
  ])('of $keys sends $msgs messages', ({ keys, msgs, stages }) => {
    expect(scenarioOf(keys)).toMatchObject({
      msgs,
      load: { kind: 'open', arrival: 'constant', stages },
    })
    expect(scenarioOf({ ...keys, arrival: 'poisson' }).load).toMatchObject({ arrival: 'poisson' })
  })

  test.each<{ keys: Keys; producerPipeline: number; pipeline: number }>([
    { keys: { msgs: 1 }, producerPipeline: 1, pipeline: 1 },
    { keys: { msgs: 1, pipeline: 8 }, producerPipeline: 8, pipeline: 8 },
    { keys: { msgs: 1, rate: 1 }, producerPipeline: 1024, pipeline: 1 },
    { keys: { msgs: 1, rate: 1, pipeline: 1 }, producerPipeline: 1, pipeline: 1 },
  ])('has a producer pipeline of its own unless stated: $keys', ({ keys, ...expected }) => {
    expect(scenarioOf(keys)).toMatchObject(expected)
  })

  test.each([
    {
      keys: { stages: [{ rate: 0, seconds: 5 }] },
      message: 'stages: Cannot run the stages: that makes 0 messages, and a run has 1 to 100000000',
    },
    {
      keys: { stages: [{ rate: 10_000_000, seconds: 10.1 }] },
      message:
        'stages: Cannot run the stages: that makes 101000000 messages, and a run has 1 to 100000000',
    },
    {
      keys: {
        stages: [
          { rate: 1, seconds: 50_000 },
          { rate: 1, seconds: 40_000 },
        ],
      },
      message: 'stages: Cannot run the stages: that takes 90000 seconds, and a run has 86400',
    },
    {
      keys: { rate: 0.1, durationSeconds: 1 },
      message:
        'rate: Cannot send 0.1 messages per second for 1 seconds: that makes 0 messages, and a run has 1 to 100000000',
    },
    {
      keys: { rate: [1, 10_000_000], durationSeconds: 60 },
      message:
        'rate/1: Cannot send 10000000 messages per second for 60 seconds: that makes 600000000 messages, and a run has 1 to 100000000',
    },
    {
      keys: { rate: 0.5, msgs: 50_000 },
      message:
        'rate: Cannot send 0.5 messages per second for 100000 seconds: that takes 100000 seconds, and a run has 86400',
    },
  ])('is refused where it makes no message, or too many: $keys', ({ keys, message }) => {
    expect(messagesOf(keys)).toEqual([message])
  })

  test.each([
    { stage: {}, place: 'rate', reason: 'Cannot find the key "rate": a number from 0' },
    { stage: { rate: -1, seconds: 1 }, place: 'rate', reason: 'Cannot use -1 as rate' },
    { stage: { rate: 1, seconds: 0 }, place: 'seconds', reason: 'Cannot use 0 as seconds' },
    { stage: { rate: 1, seconds: 1, from: -1 }, place: 'from', reason: 'Cannot use -1 as from' },
    { stage: { rate: 1e8, seconds: 1 }, place: 'rate', reason: 'from 0 to 10000000' },
    { stage: { rate: 1, seconds: 1e6 }, place: 'seconds', reason: 'above 0, at most 86400' },
  ])('refuses the stage $stage', ({ stage, place, reason }) => {
    const [first] = messagesOf({ stages: [{ rate: 1, seconds: 1 }, stage] })
    expect(first).toMatch(`stages/1/${place}: `)
    expect(first).toContain(reason)
  })
})

describe('a search', () => {
  const find = { maxRate: { from: 10, to: 1000 }, while: { 'latencyMs.p99': 5 } }

  test('holds each rate for two seconds unless stated, with room for the highest', () => {
    const scenario = scenarioOf({ find, arrival: 'poisson' })
    expect(scenario).toMatchObject({ msgs: 2000, producerPipeline: 1024 })
    expect(scenario.load).toEqual({
      kind: 'find',
      arrival: 'poisson',
      fromRate: 10,
      toRate: 1000,
      holdSeconds: 2,
      while: [{ metric: 'latencyMs.p99', bound: 'max', limit: 5, level: 'error' }],
    })
    expect(scenarioOf({ find: { ...find, holdSeconds: 0.5 } })).toMatchObject({ msgs: 500 })
  })

  test.each([
    {
      change: { maxRate: { from: 10, to: 10 } },
      message: 'find/maxRate/to: Cannot use 10 as to: it takes more than from, which is 10',
    },
    {
      change: { maxRate: { from: 0.5, to: 10 }, holdSeconds: 0.5 },
      message:
        'find/maxRate/from: Cannot hold 0.5 messages per second for 0.5 seconds: that makes no message',
    },
    {
      change: { maxRate: { from: 10, to: 100_001 } },
      message:
        'find/maxRate/to: Cannot use 100001 as to: a search reaches no further than 10000 times from, which is 10',
    },
    {
      change: { maxRate: { from: 0, to: 10 } },
      message:
        'find/maxRate/from: Cannot use 0 as from: it takes a number above 0, at most 10000000',
    },
    {
      change: { maxRate: { from: 1, to: 10_000_001 } },
      message:
        'find/maxRate/to: Cannot use 10000001 as to: it takes a number above 0, at most 10000000',
    },
    {
      change: { maxRate: 5 },
      message: 'find/maxRate: Cannot use 5 as maxRate: it takes an object of from and to',
    },
    {
      change: { while: {} },
      message: 'find/while: Cannot use {} as while: it takes at least one metric and its limit',
    },
    {
      change: { while: { maxInFlight: -1 } },
      message: 'find/while/maxInFlight: Cannot use -1 as maxInFlight: it takes a number from 0',
    },
    {
      change: { holdSeconds: 0.4 },
      message:
        'find/holdSeconds: Cannot use 0.4 as holdSeconds: it takes a number from 0.5 to 3600',
    },
    {
      change: { holdSeconds: 3601 },
      message:
        'find/holdSeconds: Cannot use 3601 as holdSeconds: it takes a number from 0.5 to 3600',
    },
    {
      change: { maxRate: { from: 1000, to: 1_000_000 }, holdSeconds: 101 },
      message:
        'find/maxRate/to: Cannot hold 1000000 messages per second for 101 seconds: that makes 101000000 messages, and a run has 1 to 100000000',
    },
  ])('is refused with $change', ({ change, message }) => {
    expect(messagesOf({ find: { ...find, ...change } })).toEqual([message])
  })
})

describe('a payload', () => {
  test.each([
    { payloadBytes: 64, read: { min: 64, max: 64 } },
    { payloadBytes: [64, 128] as const, read: { min: 64, max: 128 } },
    { payloadBytes: [64, 64] as const, read: { min: 64, max: 64 } },
  ])('of $payloadBytes is read as $read', ({ payloadBytes, read }) => {
    expect(scenarioOf({ msgs: 1, payloadBytes }).payloadBytes).toEqual(read)
  })

  test.each([
    {
      payloadBytes: [128, 64],
      message:
        'payloadBytes: Cannot use [128,64] as a range of payloadBytes: the first size of a range is the smaller one; two sizes to sweep are [[128,128],[64,64]]',
    },
    {
      payloadBytes: [64, [128, 64]],
      message:
        'payloadBytes/1: Cannot use [128,64] as a range of payloadBytes: the first size of a range is the smaller one; two sizes to sweep are [[128,128],[64,64]]',
    },
    {
      payloadBytes: [64.5, 128],
      message:
        'payloadBytes/0: Cannot use 64.5 as scenarios[0].payloadBytes[0]: it takes a whole number from 1 to 8388608',
    },
    {
      payloadBytes: [[64, 65, 66]],
      message:
        'payloadBytes/0: Cannot use [64,65,66] as scenarios[0].payloadBytes[0]: it takes a range as [min, max]',
    },
  ])('is refused as $payloadBytes', ({ payloadBytes, message }) => {
    expect(messagesOf({ msgs: 1, payloadBytes })).toEqual([message])
  })
})
