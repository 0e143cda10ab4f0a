import { describe, expect, test } from 'vitest'
import { checkSuite } from './suite.ts'

const PAIR = { name: 'A', producers: 1, consumers: 1 }
const AMOUNTS = {
  msgs: 100,
  durationSeconds: 1,
  rate: 100,
  stages: [{ rate: 100, seconds: 1 }],
  find: { maxRate: { from: 1, to: 100 }, while: { 'latencyMs.p99': 5 } },
}
type Amount = keyof typeof AMOUNTS

function issuesOf(value: unknown): string[] {
  const check = checkSuite(value)
  return check.kind === 'valid'
    ? []
    : check.issues.map(({ path, message }) => `${path.join('/')}: ${message}`)
}

describe('keys that contradict each other are refused', () => {
  test.each<[Amount, Amount, string]>([
    ['stages', 'msgs', 'the stages make as many messages as their rates and seconds say'],
    ['stages', 'durationSeconds', 'each stage has its own seconds'],
    ['stages', 'rate', 'each stage has its own rate'],
    ['find', 'stages', 'a search chooses the rates'],
    ['find', 'rate', 'a search chooses the rates'],
    ['find', 'msgs', 'a search sends what its rates make in holdSeconds'],
    ['find', 'durationSeconds', 'a search holds each rate for holdSeconds'],
    ['msgs', 'durationSeconds', 'a run ends by number or by time'],
  ])('in one object: %s and %s', (key, rival, reason) => {
    const keys = { [key]: AMOUNTS[key], [rival]: AMOUNTS[rival] }
    const message = `Cannot use ${rival} together with ${key}: ${reason}`
    expect(issuesOf({ scenarios: [{ ...PAIR, ...keys }] })).toEqual([
      `scenarios/0/${rival}: ${message}`,
    ])
    expect(issuesOf({ defaults: keys, scenarios: [PAIR, { ...PAIR, name: 'B' }] })).toEqual([
      `defaults/${rival}: ${message}`,
    ])
  })

  test('in one object, each key once', () => {
    expect(issuesOf({ scenarios: [{ ...PAIR, ...AMOUNTS }] })).toHaveLength(4)
  })

  test.each<[Amount, Amount]>([
    ['rate', 'msgs'],
    ['rate', 'durationSeconds'],
  ])('but not %s and %s', (key, rival) => {
    const keys = { [key]: AMOUNTS[key], [rival]: AMOUNTS[rival] }
    expect(issuesOf({ scenarios: [{ ...PAIR, ...keys }] })).toEqual([])
  })
})

describe('keys that cannot stand together in one scenario are refused', () => {
  const { msgs, durationSeconds, rate, stages, find } = AMOUNTS
  const sent = 'the backlog is a number of messages, and is sent untimed'

  test.each([
    { keys: { mode: 'drain', rate, msgs }, key: 'rate', reason: sent },
    { keys: { mode: 'drain', stages }, key: 'stages', reason: sent },
    { keys: { mode: 'drain', find }, key: 'find', reason: sent },
    { keys: { mode: 'drain', durationSeconds }, key: 'durationSeconds', reason: sent },
    {
      keys: { mode: 'produce', find },
      key: 'find',
      reason: 'a rate passes by what is delivered, too',
    },
  ])('mode and $key: $keys', ({ keys, key, reason }) => {
    expect(issuesOf({ scenarios: [{ ...PAIR, ...keys }] })).toEqual([
      `scenarios/0/mode: Cannot use "${keys.mode}" as mode together with ${key}: ${reason}`,
    ])
  })

  test('rounds and find', () => {
    expect(issuesOf({ scenarios: [{ ...PAIR, find, rounds: 2 }] })).toEqual([
      'scenarios/0/rounds: Cannot use 2 as rounds together with find: a search measures once, at many rates',
    ])
    expect(issuesOf({ scenarios: [{ ...PAIR, find, rounds: 1 }] })).toEqual([])
  })

  test.each([{ msgs }, { durationSeconds }])('arrival and the closed loop %j', keys => {
    expect(issuesOf({ scenarios: [{ ...PAIR, ...keys, arrival: 'poisson' }] })).toEqual([
      'scenarios/0/arrival: Cannot use "poisson" as arrival without rate, stages or find: a closed loop sends when it is answered',
    ])
  })

  test('and the more specific one of the two is named', () => {
    const stated = { ...PAIR, mode: 'drain', msgs }
    const scenarios = [stated, { name: 'B', extends: 'A', rate }]
    const reason = `Cannot use "drain" as mode together with rate: ${sent}`
    expect(issuesOf({ scenarios })).toEqual([`scenarios/1/rate: ${reason}`])
    expect(issuesOf({ defaults: { rate }, scenarios: [stated] })).toEqual([
      `scenarios/0/mode: ${reason}`,
    ])
  })

  test.each([
    { mode: 'drain', msgs },
    { mode: 'produce', msgs },
    { mode: 'produce', durationSeconds },
    { mode: 'produce', stages },
    { mode: 'concurrent', find },
    { msgs, processingMs: 60_000, leaseMs: 1000 },
  ])('but not %j', keys => {
    expect(issuesOf({ scenarios: [{ ...PAIR, ...keys }] })).toEqual([])
  })
})
