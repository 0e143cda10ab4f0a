import { describe, expect, test } from 'vitest'
import type { Budget } from '../config/scenario.ts'
import { correctness, latency, metrics } from '../testing/example-results.ts'
import { type HeldRate, judgeHold } from './hold.ts'

const WITHIN_50_MS: Budget = { metric: 'latencyMs.p95', bound: 'max', limit: 50, level: 'error' }

describe('judgeHold()', () => {
  test('passes what was delivered exactly once, sent as offered and within all limits', () => {
    expect(judgeHold(held({}))).toEqual({ verdict: 'pass', reasons: [] })
    expect(judgeHold(held({ unsentShare: 0.01 }))).toEqual({ verdict: 'pass', reasons: [] })
  })

  test.each(['error', 'warn'] as const)('fails beyond a limit of level %s', level => {
    const over = { metrics: metrics({ latencyMs: latency(51) }) }

    expect(judgeHold(held({ ...over, while: [{ ...WITHIN_50_MS, level }] }))).toEqual({
      verdict: 'fail',
      reasons: ['latencyMs.p95 is 51.0 ms, over the maximum of 50 ms'],
    })
  })

  test('fails where a limit has no data', () => {
    expect(judgeHold(held({ metrics: {} }))).toEqual({
      verdict: 'fail',
      reasons: ['latencyMs.p95 has no data to hold against the maximum of 50 ms'],
    })
  })

  test('fails when more than 1 % was not sent, without rounding it to the limit', () => {
    expect(judgeHold(held({ unsentShare: 0.01004 }))).toEqual({
      verdict: 'fail',
      reasons: ['1.004 % of the offered messages could not be sent in time, more than 1 %'],
    })
    expect(judgeHold(held({ unsentShare: 1 / 3 })).reasons).toEqual([
      '33.3 % of the offered messages could not be sent in time, more than 1 %',
    ])
  })

  test.each(['violated', 'unknown'] as const)('fails when delivery is %s', verdict => {
    const reasons = ['3 messages were lost']

    expect(judgeHold(held({ correctness: correctness({ verdict, reasons }) }))).toEqual({
      verdict: 'fail',
      reasons,
    })
    expect(judgeHold(held({ correctness: correctness({ verdict }) }))).toEqual({
      verdict: 'fail',
      reasons: [`Delivery is ${verdict}, and no reason was given`],
    })
  })

  test('gives every reason, delivery first', () => {
    const reasons = judgeHold({
      metrics: metrics({ latencyMs: latency(51) }),
      while: [WITHIN_50_MS, { ...WITHIN_50_MS, limit: 60 }, { ...WITHIN_50_MS, limit: 1 }],
      correctness: correctness({ verdict: 'violated', reasons: ['3 messages were lost'] }),
      unsentShare: 0.5,
    }).reasons

    expect(reasons.map(reason => reason.split(' ')[0])).toEqual([
      '3',
      '50',
      'latencyMs.p95',
      'latencyMs.p95',
    ])
  })
})

function held(overrides: Partial<HeldRate>): HeldRate {
  return {
    metrics: metrics({ latencyMs: latency(49) }),
    while: [WITHIN_50_MS],
    correctness: correctness({}),
    unsentShare: 0,
    ...overrides,
  }
}
