import { describe, expect, test } from 'vitest'
import type { ScenarioParams } from '../judge/result.ts'
import { failedScenario, measuredScenario, params } from '../testing/example-results.ts'
import {
  drainScenario,
  openLoopScenario,
  produceScenario,
  searchScenario,
} from '../testing/example-scenarios.ts'
import { describeSettings, settingsTable } from './scenario-settings.ts'

const { msgs: _, ...WITHOUT_MSGS } = params(1, 1)

describe('describeSettings()', () => {
  test('says of defaults only what every scenario has', () => {
    expect(describeSettings(params(1, 50))).toEqual([
      '1 producer, 50 consumers',
      '100,000 messages',
      'payload 21 bytes',
      '1 load thread',
    ])
  })

  test.each<[string, Partial<ScenarioParams>]>([
    ['producers timed alone', { mode: 'produce' }],
    ['consumers timed alone, on a backlog', { mode: 'drain' }],
    ['10,000.5 msg/s', { rate: 10_000.5 }],
    ['evenly spaced', { arrival: 'constant' }],
    ['Poisson arrivals', { arrival: 'poisson' }],
    ['20 s', { durationSeconds: 20 }],
    ['payload 100 to 2,000 bytes', { payloadBytes: [100, 2_000] }],
    ['pipeline 16', { pipeline: 16 }],
    ['5 ms of work on each message', { processingMs: 5 }],
    ['lease 1,000 ms', { leaseMs: 1_000 }],
    ['idle back-off 1 to 8 ms', { idleBackoffMaxMs: 8 }],
    ['idle back-off 2 to 16 ms', { idleBackoffMs: 2 }],
    ['warm-up 0 messages', { warmupMsgs: 0 }],
    ['median of 5 rounds', { rounds: 5 }],
    ['seed 7', { seed: 7 }],
  ])('says %s', (words, changes) => {
    expect(describeSettings({ ...params(1, 1), ...changes })).toContain(words)
    expect(describeSettings(params(1, 1))).not.toContain(words)
  })

  test('says how the rate changes from stage to stage', () => {
    const stages = [
      { fromRate: 100, toRate: 2_000, seconds: 10 },
      { fromRate: 2_000, toRate: 2_000, seconds: 2.5 },
    ]
    expect(describeSettings({ ...params(1, 1), stages })).toContain(
      '100 msg/s to 2,000 msg/s in 10 s, then 2,000 msg/s for 2.5 s',
    )
  })

  test('states the limits of a search', () => {
    expect(describeSettings(searchScenario().params)).toContain(
      'search for the highest rate from 1,000 msg/s to 50,000 msg/s with latencyMs.p99 max 20, each held for 2 s',
    )
  })

  test('names the seed where something was random', () => {
    expect(describeSettings({ ...params(1, 1), arrival: 'poisson' })).toContain('seed 1')
    expect(describeSettings({ ...params(1, 1), payloadBytes: [21, 30] })).toContain('seed 1')
  })
})

describe('settingsTable()', () => {
  test('shows the settings of every scenario', () => {
    const { columns, rows } = settingsTable([measuredScenario(), failedScenario()])
    expect(columns).toHaveLength(9)
    expect(rows.map(row => row.cells)).toEqual([
      ['100,000', '1', '1', '1', '1', '21', '30,000', '1 to 16', '1,000'],
      ['100,000', '10', '50', '1', '1', '21', '30,000', '1 to 16', '1,000'],
    ])
  })

  test('has a column for what is rare where a scenario uses it', () => {
    const timed = measuredScenario({
      params: { ...WITHOUT_MSGS, durationSeconds: 20, rounds: 3 },
    })
    const staged = openLoopScenario({
      params: { ...params(1, 1), stages: [{ fromRate: 1, toRate: 2, seconds: 3 }] },
    })
    const { columns, rows } = settingsTable([
      timed,
      openLoopScenario(),
      staged,
      searchScenario(),
      produceScenario(),
      drainScenario(),
    ])
    const column = (title: string) => rows.map(row => row.cells[columns.indexOf(title)])
    expect(column('mode').slice(-3)).toEqual(['concurrent', 'produce', 'drain'])
    expect(column('messages').slice(0, 4)).toEqual(['–', '100,000', '100,000', '–'])
    expect(column('seconds').slice(0, 2)).toEqual(['20', '–'])
    expect(column('rate').slice(0, 4)).toEqual(['–', '10,000 msg/s', '1 stage', 'search'])
    expect(column('payload bytes')[1]).toBe('100 to 2,000')
    expect(column('processing ms').at(-1)).toBe('5')
    expect(column('rounds')[0]).toBe('3')
  })
})
