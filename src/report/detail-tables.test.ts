import { describe, expect, test } from 'vitest'
import {
  correctness,
  failedScenario,
  interruptedScenario,
  measuredScenario,
} from '../testing/example-results.ts'
import { openLoopScenario, searchScenario } from '../testing/example-scenarios.ts'
import { costTable, deliveryRows, latencyTable, openLoopTable } from './detail-tables.ts'

describe('latencyTable()', () => {
  test('has all statistics of each leg, and says what the leg is', () => {
    const table = latencyTable([measuredScenario()])
    expect(table.columns).toEqual(['mean', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max'])
    expect(table.groups.map(group => [group.title, group.explanation])).toEqual([
      ['End to end', 'PRODUCE due (open loop) or sent (closed loop) → SETTLE acknowledged'],
      ['Ingest', 'PRODUCE sent → acknowledged'],
      ['Wait', 'PRODUCE due (open loop) or sent (closed loop) → acquired'],
      ['Settle', 'SETTLE sent → acknowledged'],
      ['Hold', 'acquired → settled'],
    ])
    expect(table.groups[0]?.rows).toEqual([
      {
        name: 'Single-Worker Baseline',
        cells: ['2.46', '2.25', '3.69', '4.10', '5.74', '9.02', '13.5'],
      },
    ])
  })

  test('has a group for the lateness of sending where there was an open loop', () => {
    const table = latencyTable([measuredScenario(), openLoopScenario()])
    const lag = table.groups.at(-1)
    expect(lag).toMatchObject({
      title: 'Lag',
      explanation: 'PRODUCE due → sent (open loop), the lateness of sending',
    })
    expect(lag?.rows.map(row => row.name)).toEqual(['Steady Rate'])
  })

  test('has no row and no group without figures', () => {
    const { latencyMs } = measuredScenario().metrics
    expect.assert(latencyMs !== undefined)
    const table = latencyTable([failedScenario(), measuredScenario({ metrics: { latencyMs } })])
    expect(table.groups.map(group => group.title)).toEqual(['End to end'])
    expect(table.groups[0]?.rows).toHaveLength(1)
    expect(latencyTable([failedScenario(), interruptedScenario()]).groups).toEqual([])
  })
})

describe('deliveryRows()', () => {
  test('shows each count as it was measured, not a sentence', () => {
    const counted = correctness({
      verdict: 'violated',
      produced: 1_000,
      settled: 998,
      lost: 2,
      duplicated: 3,
      corrupted: 4,
      unexpected: 5,
      leaseOverlaps: 6,
      idConflicts: 7,
      redelivered: 8,
      reasons: ['2 lost'],
    })
    expect(deliveryRows([measuredScenario({ correctness: counted })])).toEqual([
      {
        name: 'Single-Worker Baseline',
        verdict: 'violated',
        cells: ['1,000', '998', '2', '3', '4', '5', '6', '7', '8'],
        reasons: ['2 lost'],
      },
    ])
  })

  test('shows what is known of runs that did not end', () => {
    const rows = deliveryRows([failedScenario(), interruptedScenario()])
    expect(rows.map(row => [row.verdict, row.cells[0]])).toEqual([
      ['unknown', '1,200'],
      ['unknown', '52,000'],
    ])
  })
})

test('openLoopTable() has what was due and sent, and no scenario without due times', () => {
  const { columns, rows } = openLoopTable([
    measuredScenario(),
    openLoopScenario(),
    searchScenario(),
    failedScenario(),
  ])
  expect(columns).toEqual([
    ...['offered msg/s', 'accepted msg/s', 'settled msg/s'],
    ...['lag p99 ms', 'lag max ms', 'highest rate msg/s'],
  ])
  expect(rows).toEqual([
    { name: 'Steady Rate', cells: ['10,000', '9,990', '9,980', '0.280', '0.660', '–'] },
    { name: 'Highest Rate', cells: ['23,000', '22,977', '22,954', '0.280', '0.660', '23,000'] },
  ])
})

test('costTable() has dashes where nothing was measured', () => {
  const { rows } = costTable([measuredScenario(), failedScenario()])
  expect(rows.map(row => row.cells)).toEqual([
    ['8,901', '0.0123', '0.118', '21,000', '14,300'],
    ['–', '–', '–', '–', '–'],
  ])
})
