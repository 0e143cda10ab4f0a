import { encode } from '@msgpack/msgpack'
import { describe, expect, test } from 'vitest'
import { payloadBytesMin, scenarioTimeoutMs } from './scenario.ts'

describe('scenarioTimeoutMs()', () => {
  const scenario = {
    msgs: 1,
    warmupMsgs: 0,
    load: { kind: 'closed' },
    rounds: 1,
    processingMs: 0,
    consumers: 1,
    pipeline: 1,
    leaseMs: 30_000,
    stallTimeoutMs: 10_000,
  } as const

  test('gives a minute, lease and stall, and 2 ms for each message and warm-up message', () => {
    expect(scenarioTimeoutMs(scenario)).toBe(100_002)
    expect(scenarioTimeoutMs({ ...scenario, msgs: 100_000, warmupMsgs: 1000 })).toBe(302_000)
  })

  const stage = { fromRate: 0, toRate: 1, seconds: 5 }
  test.each<{ what: string; change: Partial<Parameters<typeof scenarioTimeoutMs>[0]>; ms: number }>(
    [
      {
        what: 'a duration, and a hundred times as long to drain what was sent in it',
        change: { load: { kind: 'closed', durationSeconds: 7.5 }, msgs: 7_500_000 },
        ms: 100_000 + 101 * 7500,
      },
      {
        what: 'the stages of an open loop',
        change: { load: { kind: 'open', arrival: 'constant', stages: [stage, stage] } },
        ms: 110_002,
      },
      {
        what: '40 holds of a search, each with its messages, lease and stall',
        change: {
          load: {
            kind: 'find',
            arrival: 'constant',
            fromRate: 1,
            toRate: 50,
            holdSeconds: 2,
            while: [],
          },
          msgs: 100,
        },
        ms: 60_000 + 40 * (2000 + 200 + 40_000),
      },
      { what: 'rounds', change: { rounds: 3 }, ms: 60_000 + 3 * 40_002 },
      { what: 'processing', change: { processingMs: 100, msgs: 50 }, ms: 105_100 },
      {
        what: 'processing by several consumers and pipelines at once',
        change: { processingMs: 100, msgs: 50, consumers: 5, pipeline: 2 },
        ms: 100_600,
      },
    ],
  )('covers $what', ({ change, ms }) => {
    expect(scenarioTimeoutMs({ ...scenario, ...change })).toBe(ms)
  })

  test('never gives more than a day', () => {
    expect(scenarioTimeoutMs({ ...scenario, msgs: 100_000_000 })).toBe(86_400_000)
  })
})

describe('payloadBytesMin()', () => {
  test.each([
    { msgs: 1, warmupMsgs: 1000, producers: 1, text: 'bench-0-999' },
    { msgs: 1, producers: 1, text: 'bench-0-0' },
    { msgs: 100_000, producers: 10, text: 'bench-9-9999' },
    { msgs: 101, producers: 10, text: 'bench-9-10' },
    { msgs: 5, producers: 10_000, text: 'bench-9999-0' },
    { msgs: 100_000_000, producers: 1, text: 'bench-0-99999999' },
  ])(
    'of $msgs messages by $producers is the MessagePack size of $text',
    ({ text, ...scenario }) => {
      expect(payloadBytesMin({ warmupMsgs: 0, ...scenario })).toBe(encode({ data: text }).length)
    },
  )
})
