import { describe, expect, test } from 'vitest'
import {
  budget,
  correctness,
  failedScenario,
  interruptedScenario,
  measuredScenario,
} from '../testing/example-results.ts'
import { notesOf } from './notes.ts'

describe('notesOf()', () => {
  test('has nothing to say of a plain pass', () => {
    expect(notesOf(measuredScenario({ budgets: [budget({})] }))).toEqual([])
  })

  test.each([
    { verdict: 'fail', kind: 'fail' },
    { verdict: 'no-data', kind: 'fail' },
    { verdict: 'warn', kind: 'warn' },
    { verdict: 'inconclusive', kind: 'inconclusive' },
  ] as const)('says of a budget that is $verdict: $kind', ({ verdict, kind }) => {
    const budgets = [budget({ verdict, reason: 'latencyMs.p95 is 61 ms, over 50 ms' })]
    expect(notesOf(measuredScenario({ status: 'fail', budgets }))).toEqual([
      { kind, text: 'latencyMs.p95 is 61 ms, over 50 ms' },
    ])
  })

  test('gives every reason of a violated delivery', () => {
    const violated = correctness({ verdict: 'violated', reasons: ['3 lost', '2 came twice'] })
    const scenario = measuredScenario({ status: 'fail', correctness: violated })
    expect(notesOf(scenario).map(note => note.text)).toEqual([
      'delivery violated: 3 lost',
      'delivery violated: 2 came twice',
    ])
  })

  test('is not silent about an unknown delivery without a reason', () => {
    const unknown = correctness({ verdict: 'unknown', reasons: [] })
    expect(notesOf(measuredScenario({ status: 'fail', correctness: unknown }))).toEqual([
      { kind: 'fail', text: 'delivery unknown: no reason was given' },
    ])
  })

  test('shows the error with its code, and a violation seen before it', () => {
    expect(notesOf(failedScenario())).toEqual([
      { kind: 'error', text: 'Cannot go on: the server exited with code 1 (SERVER_EXITED)' },
    ])
    const violated = correctness({ verdict: 'violated', reasons: ['3 came twice'] })
    expect(notesOf(failedScenario({ correctness: violated }))).toContainEqual({
      kind: 'fail',
      text: 'delivery violated: 3 came twice',
    })
  })

  test('shows how far an interrupted scenario came', () => {
    expect(notesOf(interruptedScenario())).toEqual([
      {
        kind: 'interrupted',
        text: 'ended early with 52,000 produced and 51,990 settled of 100,000 messages',
      },
    ])
  })

  test('counts all rounds of an interrupted scenario, and no number that nobody planned', () => {
    const { params } = interruptedScenario()
    const { msgs: _, ...untilTime } = params
    const textOf = (changed: typeof params) =>
      notesOf(interruptedScenario({ params: changed })).map(note => note.text)
    expect(textOf({ ...params, rounds: 3 })).toEqual([
      'ended early with 52,000 produced and 51,990 settled of 300,000 messages',
    ])
    expect(textOf({ ...untilTime, durationSeconds: 20 })).toEqual([
      'ended early with 52,000 produced and 51,990 settled messages',
    ])
  })

  test.each(['fail', 'inconclusive'] as const)(
    'shows each doubt of a scenario that is %s',
    status => {
      const doubts = ['No rate passed', 'The load was not what it should be']
      expect(notesOf(measuredScenario({ status, doubts }))).toEqual(
        doubts.map(text => ({ kind: status, text })),
      )
    },
  )

  test('passes warnings on, after what is worse', () => {
    const scenario = failedScenario({ warnings: ['The machine is busy'] })
    expect(notesOf(scenario).map(note => note.kind)).toEqual(['error', 'warn'])
  })
})
