import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import type { ScenarioResult } from '../judge/result.ts'
import { metricValue } from '../measure/metrics.ts'
import {
  budget,
  correctness,
  exampleResults,
  failedScenario,
  interruptedScenario,
  measuredScenario,
  metrics,
} from '../testing/example-results.ts'
import {
  drainScenario,
  openLoop,
  openLoopScenario,
  produceScenario,
  roundsScenario,
  searchScenario,
  sweptScenarios,
} from '../testing/example-scenarios.ts'
import { FIGURES } from './figures.ts'
import { renderTable, type TableOptions } from './table.ts'
import { DROP_ORDER } from './table-columns.ts'
import { viewOf } from './view-model.ts'

const WIDE = { columns: 140, color: false }
const NAMES = [
  'Single-Worker Baseline',
  '🫠 launch 🚀👩‍👩‍👧 日本語のシナリオ',
  'A name that goes on and on, far beyond what any terminal has room for, and then some',
]
const HOSTILE = '::error::pwned ##[error]x\n\u001b[31mred\u202e'
const EVERYTHING: readonly ScenarioResult[] = [
  ...NAMES.map(name => measuredScenario({ name })),
  measuredScenario({
    name: HOSTILE,
    status: 'fail',
    correctness: correctness({ verdict: 'violated', lost: 3, reasons: ['3 messages were lost'] }),
    budgets: [budget({ verdict: 'fail', reason: 'latencyMs.p95 is 61.2 ms, over 50 ms' })],
    warnings: ['::warning::x', 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen'],
  }),
  measuredScenario({ name: 'Unsure', status: 'inconclusive' }),
  failedScenario(),
  interruptedScenario(),
]
const EVERY_MODE: readonly ScenarioResult[] = [
  openLoopScenario({ metrics: metrics({ ...openLoop(20_000), acceptedRate: 19_100 }) }),
  roundsScenario(),
  ...sweptScenarios(),
  searchScenario(),
  searchScenario({
    name: 'Nothing Found',
    status: 'fail',
    doubts: ['No rate passed, not even 1,000 msg/s'],
    found: { rate: null, failedAt: 1_000, holds: [] },
  }),
  produceScenario(),
  drainScenario(),
]

describe('renderTable()', () => {
  test('shows all columns where there is room', () => {
    expect(render([measuredScenario()], WIDE)).toMatchInlineSnapshot(`
      "bench/default.bench.json, embedded server
      ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
                                      producer  consumer  efficiency   avg   p95   p99    max        max
      scenario                status     msg/s     msg/s       msg/s    ms    ms    ms  queue  in-flight  delivery
      ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      Single-Worker Baseline  pass      12,346    11,234      11,234  2.46  4.10  5.74  1,042          1  exactly-once
      ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

      1 scenario: 1 pass"
    `)
  })

  test('leaves columns out in the documented order, and says where they are', () => {
    const text = render([measuredScenario()], { ...WIDE, columns: 80, reportPath: 'r.html' })
    const dropped = /not shown in 80 columns: (.*); see r\.html/.exec(text.replaceAll('\n', ' '))
    expect(dropped?.[1]?.split(', ')).toEqual(DROP_ORDER.slice(0, dropped?.[1]?.split(', ').length))
    expect(text).toContain('exactly-once')
    expect(text.split('not shown')[0]).not.toContain('p99')
  })

  test('drops every figure before it drops a word on the way to 20 columns', () => {
    expect([...DROP_ORDER].sort()).toEqual(
      [...FIGURES.map(({ title }) => title), 'delivery'].sort(),
    )
    expect(DROP_ORDER.at(-1)).toBe('delivery')
  })

  test.each([1, 20, 33, 40, 60, 79, 80, 81, 100, 120, 200])(
    'no line is wider than %i columns',
    columns => {
      const all = [...EVERYTHING, ...EVERY_MODE]
      for (const line of render(all, { columns, color: true }).split('\n')) {
        expect(stringWidth(line), line).toBeLessThanOrEqual(Math.max(columns, 20))
      }
    },
  )

  test('has the spread of rounds beside the headline where all else fits, digits aligned', () => {
    expect(render([measuredScenario(), roundsScenario()], WIDE)).toMatchInlineSnapshot(`
      "bench/default.bench.json, embedded server
      ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
                                      producer     consumer  efficiency   avg   p95   p99    max        max
      scenario                status     msg/s        msg/s       msg/s    ms    ms    ms  queue  in-flight  delivery
      ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      Single-Worker Baseline  pass      12,346  11,234           11,234  2.46  4.10  5.74  1,042          1  exactly-once
      Five Rounds             pass      27,095  25,805 ±4 %         516  2.33  3.88  5.43  1,042          1  exactly-once
      ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

      2 scenarios: 2 pass"
    `)
  })

  test('says the spread in a line where there is no room for it', () => {
    const text = render([measuredScenario(), roundsScenario()], { ...WIDE, columns: 80 })
    expect(text).toContain('\nFive Rounds: 25,805 msg/s ±4 %, median of 5 rounds\n')
    expect(text.split('\n').find(line => line.startsWith('Five Rounds '))).not.toContain('±')
  })

  test('says below the table what a search found and which load was late', () => {
    const lines = render(EVERY_MODE, WIDE).split('\n')
    expect(lines.filter(line => line.includes(': '))).toEqual([
      'Steady Rate: offered 20,000 msg/s, accepted 19,100 msg/s, lag p99 0.280 ms',
      'Highest Rate: highest rate that passed 23,000 msg/s, failed at 24,000 msg/s (10 holds)',
      'Nothing Found: no rate passed, failed at 1,000 msg/s (0 holds)',
      'fail  Nothing Found: No rate passed, not even 1,000 msg/s',
      '9 scenarios: 8 pass, 1 fail',
    ])
  })

  test('leaves the scenarios of a sweep together in the order of the suite', () => {
    const rows = render(EVERY_MODE, { ...WIDE, columns: 80 }).split('\n')
    const first = rows.findIndex(line => line.startsWith('Scaling'))
    expect(rows.slice(first, first + 3).map(line => line.split('  ')[0])).toEqual([
      'Scaling [consumers=1]',
      'Scaling [consumers=2]',
      'Scaling [consumers=4]',
    ])
  })

  test.each([produceScenario(), drainScenario()])(
    'has dashes where $params.mode timed nothing',
    scenario => {
      const row = render([scenario], WIDE)
        .split('\n')
        .find(line => line.startsWith(scenario.name))
      const cells = row?.split(/\s{2,}/).slice(2, -1) ?? []
      const isTimed = FIGURES.map(({ metric }) => metricValue(scenario.metrics, metric))
      expect(cells.map(cell => cell === '–')).toEqual(isTimed.map(value => value === undefined))
    },
  )

  test('aligns what follows names of any script', () => {
    const rows = render(EVERYTHING.slice(0, 3), WIDE)
      .split('\n')
      .filter(line => line.includes('12,346'))
    const starts = rows.map(row => stringWidth(row.slice(0, row.indexOf('pass'))))
    expect(starts).toHaveLength(3)
    expect(new Set(starts).size).toBe(1)
  })

  test('shows a failed scenario with its status and no numbers', () => {
    const text = render([failedScenario()], WIDE)
    const row = text.split('\n').find(line => line.startsWith('High-Concurrency'))
    expect(row?.split(/\s{2,}/)).toEqual([
      'High-Concurrency Stress',
      'error',
      ...FIGURES.map(() => '–'),
      'unknown',
    ])
  })

  test('lists what is wrong under the table, the verdict last', () => {
    const lines = render(EVERYTHING, WIDE).split('\n')
    expect(lines).toContain(
      'error        High-Concurrency Stress: Cannot go on: the server exited with code 1 (SERVER_EXITED)',
    )
    expect(lines.find(line => line.includes('over 50 ms'))).toMatch(/^fail {9}/)
    expect(lines.find(line => line.includes('3 messages were lost'))).toMatch(/^fail {9}/)
    expect(lines.at(-1)).toBe(
      '7 scenarios: 3 pass, 1 fail, 1 inconclusive, 1 error, 1 interrupted; 2 warnings',
    )
  })

  test('says the same without colour as with it', () => {
    const colored = render(EVERYTHING, { ...WIDE, color: true })
    expect(colored).toContain('\u001b[32mpass\u001b[39m')
    expect(stripVTControlCharacters(colored)).toBe(render(EVERYTHING, WIDE))
    expect(render(EVERYTHING, WIDE)).not.toContain('\u001b')
  })

  test('gives a verdict when there is nothing to show', () => {
    expect(render([], WIDE)).toMatch(/no scenarios: nothing was measured$/)
  })

  test.each([24, 80, 140])('prints no command that a CI runner obeys at %i columns', columns => {
    const text = render(EVERYTHING, { columns, color: false })
    expect(text).not.toMatch(/^\s*::/m)
    expect(text).not.toMatch(/##\w*\[/)
    expect(text).not.toContain('\u001b')
    expect(text).not.toContain('\u202e')
  })
})

function render(scenarios: readonly ScenarioResult[], options: TableOptions): string {
  return renderTable(viewOf(exampleResults(scenarios)), options)
}
