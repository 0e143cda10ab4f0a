import { describe, expect, test } from 'vitest'
import { correctness, measuredScenario, timeline } from '../testing/example-results.ts'
import {
  drainScenario,
  produceScenario,
  roundsScenario,
  searchScenario,
} from '../testing/example-scenarios.ts'
import { holdRows, roundsTable, timelineTable } from './run-tables.ts'

describe('holdRows()', () => {
  test('has each rate with its verdict, figures and reasons, in the order of the search', () => {
    const rows = holdRows(searchScenario().found?.holds ?? [])
    expect(rows.map(row => row.rate).slice(4, 7)).toEqual(['16,000', '32,000', '24,000'])
    expect(rows[0]).toEqual({
      rate: '1,000',
      verdict: 'pass',
      accepted: '999',
      settled: '998',
      p99: '0.667',
      reasons: [],
    })
    expect(rows[5]).toMatchObject({
      verdict: 'fail',
      p99: '61.2',
      reasons: ['latencyMs.p99 is 61.2 ms, over the maximum of 50 ms'],
    })
  })

  test('has dashes for a rate that nothing came of, and defuses reasons', () => {
    const hold = { rate: 10, verdict: 'fail', reasons: ['a\u202eb'], metrics: {} } as const
    expect(holdRows([hold])).toEqual([
      {
        rate: '10.0',
        verdict: 'fail',
        accepted: '–',
        settled: '–',
        p99: '–',
        reasons: ['a\\u202eb'],
      },
    ])
  })
})

describe('roundsTable()', () => {
  test('has the headline figures of each round, then what they come to', () => {
    const table = roundsTable(roundsScenario())
    expect(table?.columns.slice(0, 2)).toEqual([
      'producer throughput msg/s',
      'consumer throughput msg/s',
    ])
    expect(table?.rows.map(row => [row.name, row.cells[1], row.cells.at(-1)])).toEqual([
      ['1', '25,805', 'exactly-once'],
      ['2', '24,870', 'exactly-once'],
      ['3', '26,940', 'exactly-once'],
      ['4', '25,100', 'exactly-once'],
      ['5', '26,200', 'exactly-once'],
    ])
    expect(table?.summary.map(row => [row.name, row.cells[1]])).toEqual([
      ['median', '25,805'],
      ['least', '24,870'],
      ['largest', '26,940'],
      ['spread', '±4 %'],
    ])
    for (const row of [...(table?.rows ?? []), ...(table?.summary ?? [])])
      expect(row.cells).toHaveLength(table?.columns.length ?? 0)
  })

  test('has no column that no round has a figure for', () => {
    const round = { metrics: { producerThroughput: 10 }, correctness: correctness({}) }
    const table = roundsTable(produceScenario({ rounds: [round, round] }))
    expect(table?.columns).toEqual(['producer throughput msg/s', 'delivery'])
  })

  test('is absent where there was one round', () => {
    expect(roundsTable(measuredScenario())).toBeUndefined()
  })
})

describe('timelineTable()', () => {
  test('has a row for each slice', () => {
    const { title, columns, rows } = timelineTable(measuredScenario())
    expect(title).toBe('112 slices of 80 ms')
    expect(columns).toEqual([
      ...['produced/s', 'settled/s', 'depth', 'in flight', 'p50', 'p95', 'p99', 'max'],
    ])
    expect(rows).toHaveLength(112)
    expect(rows[1]).toEqual({
      name: '0.08',
      cells: ['13,388', '12,175', '1,025', '1', '2.29', '4.06', '5.77', '13.5'],
    })
  })

  test.each([
    [10, '0.01'],
    [160, '0.16'],
    [1_280, '1.28'],
    [5_120, '5.12'],
    [100, '0.1'],
    [2_000, '2'],
    [2.5, '0.003'],
  ])('writes slices of %d ms with the decimals that they need', (sliceMs, second) => {
    const { rows } = timelineTable(measuredScenario({ timeline: timeline(2, sliceMs) }))
    expect(rows[1]?.name).toBe(second)
  })

  test('has dashes where a slice settled nothing', () => {
    const [slice] = timeline(1).slices
    expect.assert(slice !== undefined)
    const { latencyMs: _, ...silent } = slice
    const table = timelineTable(
      measuredScenario({
        timeline: { sliceMs: 80, slices: [{ ...silent, consumerThroughput: 0 }] },
      }),
    )
    expect(table.rows[0]?.cells.slice(1)).toEqual(['0', '938', '1', '–', '–', '–', '–'])
  })

  test.each([produceScenario(), drainScenario({ timeline: timeline() })])(
    'has no latencies where mode $params.mode times one side alone',
    scenario => {
      const { columns, rows, caption } = timelineTable(scenario)
      expect(columns).toEqual(['produced/s', 'settled/s', 'depth', 'in flight'])
      expect(rows[0]?.cells).toHaveLength(4)
      expect(caption).not.toContain('latencies')
    },
  )

  test.each([
    [measuredScenario(), /^Rates/],
    [roundsScenario(), /^Of the last round\. Rates/],
    [searchScenario(), /^Of the rate that was found\. Rates/],
    [
      searchScenario({ found: { rate: null, failedAt: 1_000, holds: [] } }),
      /^Of the first rate\. Rates/,
    ],
  ])('says which part of a run it is of', (scenario, caption) => {
    expect(timelineTable(scenario).caption).toMatch(caption)
  })
})
