import { describe, expect, test } from 'vitest'
import { checkSuite } from './suite.ts'

const SCENARIO = { name: 'A', msgs: 100, producers: 1, consumers: 1 }

function messagesOf(value: unknown): string[] {
  const check = checkSuite(value)
  expect.assert(check.kind === 'invalid')
  return check.issues.map(({ path, message }) => `${path.join('/')}: ${message}`)
}

describe('checkValue() names the place and the nearest key of', () => {
  test.each([
    { key: 'producer', meant: 'producers' },
    { key: 'Msgs', meant: 'msgs' },
    { key: 'lease', meant: 'leaseMs' },
  ])('the unknown key $key of a scenario, naming $meant', ({ key, meant }) => {
    expect(messagesOf({ scenarios: [{ ...SCENARIO, [key]: 1 }] })).toEqual([
      `scenarios/0/${key}: Cannot use the unknown key "${key}" in scenarios[0]: did you mean "${meant}"?`,
    ])
  })

  test.each(['faults', '__proto__'])('%s, and lists the keys there are', key => {
    const scenario: unknown = JSON.parse(
      `{"name":"A","msgs":1,"producers":1,"consumers":1,"${key}":1}`,
    )
    expect(messagesOf({ scenarios: [scenario] })).toEqual([
      expect.stringContaining(`"${key}" in scenarios[0]: the known names are name, extends, msgs`),
    ])
  })

  test.each([
    { at: 'the suite', value: { servr: 1 }, path: 'servr', meant: 'server' },
    { at: 'output', value: { output: { htm: 'x' } }, path: 'output/htm', meant: 'html' },
    { at: 'server', value: { server: { comand: 'x' } }, path: 'server/comand', meant: 'command' },
    { at: 'defaults', value: { defaults: { msg: 1 } }, path: 'defaults/msg', meant: 'msgs' },
    {
      at: 'defaults.stages[1]',
      value: {
        defaults: {
          stages: [
            { rate: 1, seconds: 1 },
            { rate: 1, seconds: 1, form: 0 },
          ],
        },
      },
      path: 'defaults/stages/1/form',
      meant: 'from',
    },
    {
      at: 'defaults.find.while',
      value: { defaults: { find: { maxRate: { from: 1, to: 2 }, while: { maxInflight: 1 } } } },
      path: 'defaults/find/while/maxInflight',
      meant: 'maxInFlight',
    },
    {
      at: 'defaults.budgets',
      value: { defaults: { budgets: { 'latencyMs.p951': 1 } } },
      path: 'defaults/budgets/latencyMs.p951',
      meant: 'latencyMs.p95',
    },
    {
      at: 'defaults.budgets.efficiency',
      value: { defaults: { budgets: { efficiency: { mn: 1 } } } },
      path: 'defaults/budgets/efficiency/mn',
      meant: 'min',
    },
  ])('an unknown key in $at, naming $meant', ({ at, value, path, meant }) => {
    const key = path.split('/').at(-1)
    expect(messagesOf({ ...value, scenarios: [SCENARIO] })).toEqual([
      `${path}: Cannot use the unknown key "${key}" in ${at}: did you mean "${meant}"?`,
    ])
  })

  test('name in defaults', () => {
    expect(messagesOf({ defaults: { name: 'A' }, scenarios: [SCENARIO] })).toEqual([
      expect.stringContaining('defaults/name: Cannot use the unknown key "name" in defaults'),
    ])
  })
})
