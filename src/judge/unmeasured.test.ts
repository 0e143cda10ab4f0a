import { describe, expect, test } from 'vitest'
import type { LoadModel, Scenario } from '../config/scenario.ts'
import { failedScenario, identityOf, interruptedScenario } from './unmeasured.ts'

const SCENARIO: Scenario = {
  name: 'Orders',
  entry: 0,
  msgs: 20_000,
  producers: 2,
  consumers: 3,
  mode: 'concurrent',
  load: { kind: 'closed' },
  leaseMs: 30_000,
  processingMs: 5,
  idleBackoffMs: 1,
  idleBackoffMaxMs: 16,
  pipeline: 4,
  producerPipeline: 8,
  threads: 2,
  warmupMsgs: 1000,
  rounds: 3,
  seed: 7,
  stallTimeoutMs: 10_000,
  timeoutMs: 60_000,
  budgets: [],
}

const ALWAYS = {
  producers: 2,
  consumers: 3,
  mode: 'concurrent',
  pipeline: 4,
  threads: 2,
  // {"data": "bench-1-9999"}
  payloadBytes: 19,
  leaseMs: 30_000,
  processingMs: 5,
  idleBackoffMs: 1,
  idleBackoffMaxMs: 16,
  warmupMsgs: 1000,
  rounds: 3,
  seed: 7,
}

const STEADY = { fromRate: 500, toRate: 500, seconds: 40 }
const RAMP = { fromRate: 0, toRate: 1000, seconds: 40 }

describe('identityOf()', () => {
  test.each<{ what: string; load: LoadModel; params: object }>([
    { what: 'closed', load: { kind: 'closed' }, params: { msgs: 20_000 } },
    {
      what: 'timed',
      load: { kind: 'closed', durationSeconds: 12.5 },
      params: { durationSeconds: 12.5 },
    },
    {
      what: 'steady',
      load: { kind: 'open', arrival: 'poisson', stages: [STEADY] },
      params: { msgs: 20_000, rate: 500, arrival: 'poisson' },
    },
    {
      what: 'rising',
      load: { kind: 'open', arrival: 'constant', stages: [RAMP] },
      params: { msgs: 20_000, stages: [RAMP], arrival: 'constant' },
    },
    {
      what: 'staged',
      load: { kind: 'open', arrival: 'constant', stages: [STEADY, STEADY] },
      params: { msgs: 20_000, stages: [STEADY, STEADY], arrival: 'constant' },
    },
    {
      what: 'searching',
      load: {
        kind: 'find',
        arrival: 'constant',
        fromRate: 10,
        toRate: 20,
        holdSeconds: 5,
        while: [],
      },
      params: {
        find: { fromRate: 10, toRate: 20, holdSeconds: 5, while: [] },
        arrival: 'constant',
      },
    },
  ])('states what decides on a $what load, and nothing else', ({ load, params }) => {
    expect(identityOf({ ...SCENARIO, load })).toEqual({
      name: 'Orders',
      params: { ...ALWAYS, ...params },
    })
  })

  test('states one payload size as a number, two as a pair', () => {
    const payloadBytesOf = (min: number, max: number) =>
      identityOf({ ...SCENARIO, payloadBytes: { min, max } }).params.payloadBytes

    expect(payloadBytesOf(256, 256)).toBe(256)
    expect(payloadBytesOf(64, 4096)).toEqual([64, 4096])
  })

  test('names the group of a scenario that a sweep made', () => {
    expect(identityOf({ ...SCENARIO, group: 'Sweep' })).toMatchObject({
      name: 'Orders',
      group: 'Sweep',
    })
  })
})

test('failedScenario() and interruptedScenario() know nothing of delivery, and say why', () => {
  const failed = failedScenario(SCENARIO, { code: 'SERVER_EXITED', message: 'It exited' })
  const interrupted = interruptedScenario(SCENARIO)

  expect(failed).toMatchObject({
    ...identityOf(SCENARIO),
    status: 'error',
    error: { code: 'SERVER_EXITED', message: 'It exited' },
    correctness: { verdict: 'unknown', reasons: ['It exited'] },
  })
  expect(interrupted).toMatchObject({
    ...identityOf(SCENARIO),
    status: 'interrupted',
    correctness: { verdict: 'unknown' },
  })
})
