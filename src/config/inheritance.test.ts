import { describe, expect, test } from 'vitest'
import { checkSuite, defineSuite } from './suite.ts'

const BASE = { name: 'Base', msgs: 100, producers: 1, consumers: 1 }
const FIND = { maxRate: { from: 1, to: 100 }, while: { 'latencyMs.p99': 5 } }

function issuesOf(value: unknown): string[] {
  const check = checkSuite(value)
  expect.assert(check.kind === 'invalid')
  return check.issues.map(({ path, message }) => `${path.join('/')}: ${message}`)
}

describe('extends', () => {
  test('takes all keys of another scenario but its name, below its own and above defaults', () => {
    const { scenarios } = defineSuite({
      defaults: { leaseMs: 500, warmupMsgs: 5, seed: 7 },
      scenarios: [
        { name: 'C', extends: ' B ', consumers: 9 },
        { name: 'B', extends: 'Base', consumers: 2, leaseMs: 50 },
        { ...BASE, mode: 'drain', warmupMsgs: 6 },
      ],
    })
    expect(scenarios).toMatchObject([
      { name: 'C', msgs: 100, consumers: 9, leaseMs: 50, warmupMsgs: 6, seed: 7, mode: 'drain' },
      { name: 'B', msgs: 100, consumers: 2, leaseMs: 50, warmupMsgs: 6, seed: 7, mode: 'drain' },
      { name: 'Base', consumers: 1, leaseMs: 500, warmupMsgs: 6, seed: 7, mode: 'drain' },
    ])
  })

  test('merges budgets by metric', () => {
    const { scenarios } = defineSuite({
      defaults: { budgets: { efficiency: 1, maxInFlight: 1, maxQueueDepth: 1 } },
      scenarios: [
        { ...BASE, budgets: { maxInFlight: 2, maxQueueDepth: 2 } },
        { name: 'B', extends: 'Base', budgets: { maxQueueDepth: { max: 3 } } },
      ],
    })
    expect(scenarios[1]?.budgets.map(({ metric, limit }) => [metric, limit])).toEqual([
      ['efficiency', 1],
      ['maxQueueDepth', 3],
      ['maxInFlight', 2],
    ])
  })

  test('takes sweeps, and one value ends them', () => {
    const { scenarios } = defineSuite({
      scenarios: [
        { ...BASE, consumers: [1, 2] },
        { name: 'B', extends: 'Base' },
        { name: 'C', extends: 'Base', consumers: 5 },
      ],
    })
    expect(scenarios.slice(2).map(({ name }) => name)).toEqual([
      'B [consumers=1]',
      'B [consumers=2]',
      'C',
    ])
  })
})

describe('what a scenario says of the amount replaces what contradicts it from', () => {
  const open = { kind: 'open', stages: [{ fromRate: 5, toRate: 5, seconds: 2 }] }
  test.each([
    { weaker: { msgs: 9 }, own: { stages: [{ rate: 5, seconds: 2 }] }, load: open },
    {
      weaker: { rate: 9, durationSeconds: 9 },
      own: { stages: [{ rate: 5, seconds: 2 }] },
      load: open,
    },
    { weaker: { find: FIND }, own: { rate: 5, durationSeconds: 2 }, load: open },
    { weaker: { durationSeconds: 9, rate: 5 }, own: { msgs: 10 }, load: open },
    {
      weaker: { msgs: 9 },
      own: { durationSeconds: 2 },
      load: { kind: 'closed', durationSeconds: 2 },
    },
    { weaker: { stages: [{ rate: 1, seconds: 1 }] }, own: { msgs: 9 }, load: { kind: 'closed' } },
    { weaker: { msgs: 9, rate: 5 }, own: { find: FIND }, load: { kind: 'find' } },
  ])('defaults and a base: $own over $weaker', ({ weaker, own, load }) => {
    const pair = { producers: 1, consumers: 1 }
    const fromDefaults = defineSuite({
      defaults: { ...pair, ...weaker },
      scenarios: [{ name: 'A', ...own }],
    })
    const fromBase = defineSuite({
      scenarios: [
        { name: 'A', extends: 'B', ...own },
        { name: 'B', ...pair, ...weaker },
      ],
    })
    expect(fromDefaults.scenarios[0]?.load).toMatchObject(load)
    expect(fromBase.scenarios[0]).toEqual(fromDefaults.scenarios[0])
  })

  test('no further than that: what is left must still say how much', () => {
    expect(
      issuesOf({
        defaults: { producers: 1, consumers: 1, stages: [{ rate: 1, seconds: 1 }] },
        scenarios: [{ name: 'A', rate: 5 }],
      }),
    ).toEqual([expect.stringContaining('Cannot run scenarios[0] without msgs')])
  })
})

describe('checkSuite() refuses', () => {
  test.each([
    { wanted: 'Bsae', reason: 'no scenario has that name; did you mean "Base"?' },
    { wanted: 'unlike any', reason: 'no scenario has that name' },
    { wanted: 'B', reason: 'a scenario cannot extend itself' },
  ])('to extend $wanted', ({ wanted, reason }) => {
    expect(issuesOf({ scenarios: [BASE, { name: 'B', extends: wanted }] })).toEqual([
      `scenarios/1/extends: Cannot use "${wanted}" as extends: ${reason}`,
    ])
  })

  test('a circle at each scenario of it, and not at one that leads into it', () => {
    const names = ['A', 'B', 'C']
    const circle = names.map((name, index) => ({ name, extends: names[(index + 1) % 3] }))
    const reason = 'it comes back to the scenario itself, as'
    expect(issuesOf({ scenarios: [...circle, { name: 'D', extends: 'A' }] })).toEqual([
      `scenarios/0/extends: Cannot use "B" as extends: ${reason} "A" → "B" → "C" → "A"`,
      `scenarios/1/extends: Cannot use "C" as extends: ${reason} "B" → "C" → "A" → "B"`,
      `scenarios/2/extends: Cannot use "A" as extends: ${reason} "C" → "A" → "B" → "C"`,
    ])
  })

  test('a circle of a thousand in one short line each', () => {
    const scenarios = Array.from({ length: 1000 }, (_, index) => ({
      name: `${index}`,
      extends: `${(index + 1) % 1000}`,
    }))
    const [first] = issuesOf({ scenarios })
    expect(first).toMatch(/as "0" → "1" → \.\.\. → "0"$/)
  })

  test('what is wrong in a base once, however many extend it', () => {
    const base = { ...BASE, payloadBytes: 5, idleBackoffMs: 9, idleBackoffMaxMs: 8 }
    expect(
      issuesOf({
        scenarios: [base, { name: 'B', extends: 'Base' }, { name: 'C', extends: 'B' }],
      }).map(issue => issue.replace(/:.*/, '')),
    ).toEqual(['scenarios/0/payloadBytes', 'scenarios/0/idleBackoffMaxMs'])
  })

  test('what a base lacks once, however many extend it', () => {
    const { msgs: _, ...base } = BASE
    expect(issuesOf({ scenarios: [{ name: 'B', extends: 'Base' }, base] })).toEqual([
      expect.stringContaining('Cannot run scenarios[1] without msgs'),
    ])
  })

  test('a scenario without a name of its own', () => {
    expect(issuesOf({ scenarios: [BASE, { extends: 'Base' }] })).toEqual([
      expect.stringContaining('scenarios/1/name: Cannot find the key "name"'),
    ])
  })
})
