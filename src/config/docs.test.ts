import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { suiteJsonSchema } from './json-schema.ts'
import { scenarioSchema } from './scenario-schema.ts'
import { parseSuite } from './suite-file.ts'

const page = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/^```jsonc\n(.*?)^```$/gms)].map(([, text = '']) => ({ text }))
const validator = z.fromJSONSchema(JSON.parse(JSON.stringify(suiteJsonSchema())))

describe('docs/scenarios.md', () => {
  test('has examples, and no code of another kind', () => {
    expect(examples.length).toBeGreaterThan(10)
    expect(page.match(/^```/gm)).toHaveLength(2 * examples.length)
  })

  test.each(examples)('has a complete suite file: $text', ({ text }) => {
    expect(parseSuite(text, 'example').suite.scenarios).not.toEqual([])
    expect(validator.safeParse(JSON.parse(text)).error).toBeUndefined()
  })

  test.each([...Object.keys(scenarioSchema.shape), 'extends', 'defaults'])('explains %s', key => {
    expect(page).toContain(`\`${key}\``)
  })

  test('tells the names that its sweep makes', () => {
    const names = examples.flatMap(({ text }) =>
      parseSuite(text, 'example').suite.scenarios.map(({ name }) => name),
    )
    const told = [...page.matchAll(/`(\w+ \[.*?\])`/g)].map(([, name]) => name)
    expect(told).toHaveLength(2)
    expect(names).toEqual(expect.arrayContaining(told))
  })
})
