import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { METRICS } from '../measure/metrics.ts'
import { suiteJsonSchema } from './json-schema.ts'
import { scenarioSchema } from './scenario-schema.ts'

const nodeSchema = z.looseObject({
  $ref: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
})
type JsonNode = z.output<typeof nodeSchema>

/** Every object below `node` that stands in a `properties`, under its path. */
function propertiesOf(node: unknown, path = ''): [string, JsonNode][] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    const below = propertiesOf(value, `${path}/${key}`)
    const found = /\/properties$/.test(path) ? nodeSchema.parse(value) : undefined
    return found === undefined ? below : [[`${path}/${key}`, found] as [string, JsonNode], ...below]
  })
}

const schema = suiteJsonSchema()
const properties = new Map(propertiesOf(schema))
const SCENARIO = '/properties/scenarios/items/properties'

describe('suiteJsonSchema()', () => {
  test('is of draft 2020-12 and survives JSON', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema)
  })

  test('lists all keys of a scenario, and the same but name and extends in defaults', () => {
    const keys = Object.keys(scenarioSchema.shape)
    expect([...properties.keys()]).toContain(`${SCENARIO}/extends`)
    for (const key of keys) expect([...properties.keys()]).toContain(`${SCENARIO}/${key}`)
    const inDefaults = [...properties.keys()].flatMap(
      path => /^\/properties\/defaults\/properties\/(\w+)$/.exec(path)?.slice(1) ?? [],
    )
    expect(inDefaults.sort()).toEqual(keys.filter(key => key !== 'name').sort())
  })

  test('lists all metrics under budgets', () => {
    const metrics = [...properties.keys()].flatMap(
      path => /^\/\$defs\/Budgets\/properties\/([\w.]+)$/.exec(path)?.slice(1) ?? [],
    )
    expect(metrics).toEqual([...METRICS.keys()])
    expect(properties.get(`${SCENARIO}/budgets`)?.$ref).toBe('#/$defs/Budgets')
  })

  test.each([...properties])('describes %s', (_, node) => {
    expect(node.description ?? node.$ref).toBeTruthy()
  })

  test.each([
    [`${SCENARIO}/leaseMs`, 30_000],
    ['/properties/defaults/properties/leaseMs', 30_000],
    [`${SCENARIO}/warmupMsgs`, 1000],
    ['/properties/output/properties/html', 'reports/report.html'],
    ['/properties/server', 'embedded'],
  ])('gives the default of %s', (path, value) => {
    expect(properties.get(path)?.default).toBe(value)
  })

  const validator = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)))
  const golden: unknown = JSON.parse(
    readFileSync(new URL('golden/default_config.json', import.meta.url), 'utf8'),
  )

  test("accepts the seed's own config", () => {
    expect(validator.safeParse(golden).error).toBeUndefined()
  })

  test.each([
    { payloadBytes: 64 },
    { payloadBytes: [64, 1024] },
    { payloadBytes: [64, [64, 1024], 2048] },
    { producers: [1, 2], consumers: [1, 2], pipeline: [1, 8], rate: [0.5, 100] },
    {
      stages: [
        { rate: 100, seconds: 5 },
        { from: 0, rate: 10.5, seconds: 0.5 },
      ],
    },
    { find: { maxRate: { from: 1, to: 100 }, while: { 'latencyMs.p99': 5 } } },
    { extends: 'B', durationSeconds: 0.5, mode: 'drain', arrival: 'poisson' },
  ])('accepts %j', keys => {
    expect(validator.safeParse({ scenarios: [{ name: 'A', ...keys }] }).error).toBeUndefined()
  })

  test.each([
    { what: 'an unknown key', value: { ...Object(golden), outputs: {} } },
    { what: 'no scenarios', value: { scenarios: [] } },
    { what: 'a scenario without name', value: { scenarios: [{ msgs: 1 }] } },
    { what: 'a negative count', value: { scenarios: [{ name: 'A', msgs: -1 }] } },
    {
      what: 'a range of three',
      value: { scenarios: [{ name: 'A', payloadBytes: [[1, 2, 3]] }] },
    },
    {
      what: 'a stage without rate',
      value: { scenarios: [{ name: 'A', stages: [{ seconds: 1 }] }] },
    },
    { what: 'an empty sweep', value: { scenarios: [{ name: 'A', consumers: [] }] } },
    { what: 'an unknown metric', value: { scenarios: [{ name: 'A', budgets: { speed: 1 } }] } },
  ])('refuses $what', ({ value }) => {
    expect(validator.safeParse(value).success).toBe(false)
  })
})
