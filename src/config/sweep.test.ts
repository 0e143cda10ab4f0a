import { describe, expect, test } from 'vitest'
import { checkSuite, defineSuite } from './suite.ts'

const SCENARIO = { name: 'A', msgs: 100, producers: 1, consumers: 1 }

function issuesOf(value: unknown): string[] {
  const check = checkSuite(value)
  expect.assert(check.kind === 'invalid')
  return check.issues.map(({ path, message }) => `${path.join('/')}: ${message}`)
}

describe('a sweep', () => {
  test('makes one scenario of each value, named after it', () => {
    const { scenarios } = defineSuite({
      scenarios: [
        { ...SCENARIO, name: 'before' },
        { ...SCENARIO, consumers: [1, 4] },
        { ...SCENARIO, name: 'after', pipeline: [8] },
      ],
    })
    expect(scenarios).toMatchObject([
      { name: 'before', entry: 0, consumers: 1 },
      { name: 'A [consumers=1]', group: 'A', entry: 1, consumers: 1 },
      { name: 'A [consumers=4]', group: 'A', entry: 1, consumers: 4 },
      { name: 'after [pipeline=8]', group: 'after', entry: 2, pipeline: 8, producerPipeline: 8 },
    ])
    expect(scenarios[0]).not.toHaveProperty('group')
  })

  test('of several keys makes all combinations, the first key varying slowest', () => {
    const { scenarios } = defineSuite({
      scenarios: [{ ...SCENARIO, payloadBytes: [64, 128, 256], rate: [0.5, 2], producers: [1, 2] }],
    })
    expect(scenarios.map(({ name }) => name)).toEqual([
      'A [producers=1, rate=0.5, payloadBytes=64]',
      'A [producers=1, rate=0.5, payloadBytes=128]',
      'A [producers=1, rate=0.5, payloadBytes=256]',
      'A [producers=1, rate=2, payloadBytes=64]',
      'A [producers=1, rate=2, payloadBytes=128]',
      'A [producers=1, rate=2, payloadBytes=256]',
      'A [producers=2, rate=0.5, payloadBytes=64]',
      'A [producers=2, rate=0.5, payloadBytes=128]',
      'A [producers=2, rate=0.5, payloadBytes=256]',
      'A [producers=2, rate=2, payloadBytes=64]',
      'A [producers=2, rate=2, payloadBytes=128]',
      'A [producers=2, rate=2, payloadBytes=256]',
    ])
    expect(scenarios[11]).toMatchObject({
      producers: 2,
      load: { kind: 'open', stages: [{ fromRate: 2, toRate: 2, seconds: 50 }] },
      payloadBytes: { min: 256, max: 256 },
    })
  })

  test.each([
    { payloadBytes: [64, 128] as const, labels: [] },
    { payloadBytes: [64], labels: ['64'] },
    { payloadBytes: [64, 128, 256], labels: ['64', '128', '256'] },
    {
      payloadBytes: [
        [64, 64],
        [128, 128],
      ],
      labels: ['64', '128'],
    },
    { payloadBytes: [64, [64, 128]], labels: ['64', '64..128'] },
  ] as const)('of $payloadBytes has the sizes $labels', ({ payloadBytes, labels }) => {
    const { scenarios } = defineSuite({ scenarios: [{ ...SCENARIO, payloadBytes }] })
    const names = labels.map(label => `A [payloadBytes=${label}]`)
    expect(scenarios.map(({ name }) => name)).toEqual(names.length === 0 ? ['A'] : names)
  })

  test('may stand in defaults, and one value in a scenario ends it', () => {
    const { scenarios } = defineSuite({
      defaults: { ...{ msgs: 5, producers: 1 }, consumers: [1, 2] },
      scenarios: [{ name: 'A' }, { name: 'B', consumers: 3 }],
    })
    expect(scenarios.map(({ name, entry }) => [name, entry])).toEqual([
      ['A [consumers=1]', 0],
      ['A [consumers=2]', 0],
      ['B', 1],
    ])
  })

  test('makes names longer than one may be written', () => {
    const name = 'x'.repeat(120)
    const { scenarios } = defineSuite({ scenarios: [{ ...SCENARIO, name, consumers: [1] }] })
    expect(scenarios[0]?.name).toBe(`${name} [consumers=1]`)
  })
})

describe('checkSuite() refuses', () => {
  test.each([
    { sweep: { consumers: [1, 4, 1] }, place: 'consumers/2', value: '1' },
    { sweep: { rate: [0.5, 0.5] }, place: 'rate/1', value: '0.5' },
    { sweep: { payloadBytes: [64, [64, 64]] }, place: 'payloadBytes/1', value: '64' },
  ])('a value twice in the sweep $sweep', ({ sweep, place, value }) => {
    expect(issuesOf({ scenarios: [{ ...SCENARIO, ...sweep }] })).toEqual([
      `scenarios/0/${place}: Cannot sweep over ${value} twice: item 0 of the list is the same`,
    ])
  })

  test.each(['consumers', 'rate', 'payloadBytes'])('101 values of %s', key => {
    const values = Array.from({ length: 101 }, (_, index) => index + 100)
    expect(issuesOf({ scenarios: [{ ...SCENARIO, [key]: values }] })).toEqual([
      expect.stringMatching(/^scenarios\/0\/\w+: Cannot use \[100,.* a list of 1 to 100 of them/),
    ])
  })

  test.each(['msgs', 'leaseMs', 'threads', 'rounds'])('a list of %s', key => {
    expect(issuesOf({ scenarios: [{ ...SCENARIO, [key]: [1, 2] }] })).toEqual([
      expect.stringMatching(
        `^scenarios/0/${key}: Cannot use .* as ${key}: it takes a whole number`,
      ),
    ])
  })

  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

  test('more than 200 scenarios of one entry, once where the sweep is written', () => {
    const message = 'Cannot make a sweep of 201 scenarios: the limit is 200'
    const defaults = { msgs: 5, producers: upTo(67), consumers: [1, 2, 3] }
    expect(issuesOf({ defaults, scenarios: [{ name: 'A' }, { name: 'B' }] })).toEqual([
      `defaults/producers: ${message}`,
    ])
    expect(issuesOf({ defaults, scenarios: [{ name: 'A', consumers: [7, 8, 9] }] })).toEqual([
      `scenarios/0/consumers: ${message}`,
    ])
    const { scenarios } = defineSuite({
      scenarios: [{ ...SCENARIO, producers: upTo(100), consumers: [1, 2] }],
    })
    expect(scenarios).toHaveLength(200)
  })

  test('more than 1000 scenarios of all entries', () => {
    const scenarios = upTo(11).map(number => ({ ...SCENARIO, name: `${number}` }))
    const sweep = upTo(91)
    expect(
      issuesOf({ defaults: {}, scenarios: scenarios.map(one => ({ ...one, consumers: sweep })) }),
    ).toEqual(['scenarios: Cannot run 1001 scenarios, sweeps expanded: the limit is 1000'])
  })

  test('a name that a sweep makes and another entry has', () => {
    const twin = { ...SCENARIO, name: 'A [consumers=4]' }
    const sweep = { ...SCENARIO, consumers: [1, 4] }
    const message = 'Cannot use the name "A [consumers=4]" twice: scenarios[0] has it already'
    expect(issuesOf({ scenarios: [sweep, twin] })).toEqual([`scenarios/1/name: ${message}`])
    expect(issuesOf({ scenarios: [twin, sweep] })).toEqual([`scenarios/1/name: ${message}`])
  })

  test('two sweeps of one name once', () => {
    const sweep = { ...SCENARIO, consumers: [1, 4] }
    expect(issuesOf({ scenarios: [sweep, { ...sweep, producers: [1, 2] }] })).toEqual([
      'scenarios/1/name: Cannot use the name "A" twice: scenarios[0] has it already',
    ])
  })
})
