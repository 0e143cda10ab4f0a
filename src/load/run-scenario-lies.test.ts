import { describe, expect, test } from 'vitest'
import type { Scenario } from '../config/scenario.ts'
import {
  changeText,
  copyPayload,
  deliverFromForeignLog,
  invent,
  replacePayload,
  swapPayloads,
} from '../testing/lies/content.ts'
import {
  deliverAfterLast,
  deliverOneForEver,
  deliverSettled,
  deliverTwice,
  forgetSettle,
  leaseToTwo,
  lose,
  loseAndRepeat,
} from '../testing/lies/delivery.ts'
import type { Lie } from '../testing/lies/lie.ts'
import { startLyingServer } from '../testing/lying-server.ts'
import { outcomeOf, runAgainst, runOn, wordsOf } from '../testing/run-against.ts'

interface Case {
  readonly name: string
  readonly lie: Lie
  readonly outcome: string
  readonly words: string
  readonly settings?: Partial<Scenario>
}

const DELIVERY_LIES: readonly Case[] = [
  {
    name: 'delivers a message twice',
    lie: deliverTwice(50),
    outcome: 'completed violated duplicated=1',
    words: '1 delivery repeated without an expired lease or a failure',
  },
  {
    name: 'leases a message to two consumers',
    lie: leaseToTwo(50),
    outcome: 'completed violated duplicated=1',
    words: '1 delivery repeated',
  },
  {
    name: 'delivers a message twice within one pipelined read',
    lie: deliverTwice(50),
    outcome: 'completed violated duplicated=1',
    words: '1 delivery repeated',
    settings: { pipeline: 64, consumers: 1 },
  },
  {
    name: 'delivers a settled message again',
    lie: deliverSettled(50),
    outcome: 'completed violated duplicated=1',
    words: '1 delivery repeated',
  },
  {
    name: 'delivers a message again right after the last settle',
    lie: deliverAfterLast(200),
    outcome: 'completed violated duplicated=1',
    words: '1 delivery repeated',
  },
  {
    name: 'delivers a message again to the second probe only',
    lie: deliverAfterLast(200, 2),
    outcome: 'completed violated duplicated=1',
    words: '1 delivery repeated',
    settings: { consumers: 1 },
  },
  {
    name: 'forgets a settle and delivers again when the lease is over',
    lie: forgetSettle(20),
    outcome: 'completed violated duplicated=1',
    words: '1 delivery repeated',
    settings: { leaseMs: 20, msgs: 2000, consumers: 1 },
  },
  {
    name: 'loses one message in the middle',
    lie: lose(100),
    outcome: 'completed violated lost=1',
    words: '1 acknowledged message lost: 1 never delivered',
  },
  {
    name: 'loses the tail',
    lie: lose(199, 200),
    outcome: 'completed violated lost=2',
    words: '200 of 200 messages acknowledged, 198 settled, 2 never delivered',
  },
  {
    name: 'loses one message and delivers another twice, so that counts cancel out',
    lie: loseAndRepeat(50),
    outcome: 'completed violated lost=1 duplicated=1',
    words: '1 acknowledged message lost',
  },
]

const CONTENT_LIES: readonly Case[] = [
  ...Object.entries({
    prefix: (text: string) => `B${text.slice(1)}`,
    'producer digits': (text: string) => text.replace(/^bench-\d+/, 'bench-x'),
    'sequence digits': (text: string) => text.replace(/-(\d+)\./, '-0$1.'),
    padding: (text: string) => `${text.slice(0, -1)},`,
    length: (text: string) => `${text}.`,
  }).map(([place, change]) => ({
    name: `corrupts the ${place}`,
    lie: changeText(50, change),
    outcome: 'completed violated lost=1 corrupted=1',
    words: '1 delivery with content that differs from what was produced',
    settings: { payloadBytes: { min: 39, max: 39 } },
  })),
  ...[null, 'bench-0-1', { data: 'bench-0-1', more: 1 }]
    .map(value => ({ value, shown: JSON.stringify(value) }))
    .map(({ value, shown }) => ({
      name: `replaces a payload by ${shown}`,
      lie: replacePayload(50, value),
      outcome: 'completed violated lost=1 corrupted=1',
      words: 'content that differs',
    })),
  {
    name: 'delivers a message with the payload of another',
    lie: copyPayload(50),
    outcome: 'completed violated lost=1 duplicated=1 idConflicts=1',
    words: '1 acknowledged message lost',
  },
  {
    name: 'says that a message is of another log',
    lie: deliverFromForeignLog(50),
    outcome: 'completed violated lost=1 corrupted=1',
    words: 'content that differs',
  },
  ...['bench-7-1', 'bench-0-100', 'bench-0-999999999999999'].map(text => ({
    name: `invents ${text}`,
    lie: invent(50, text),
    outcome: 'completed violated unexpected=1',
    words: '1 delivery of messages that were never produced',
  })),
  {
    name: 'delivers a message before it is sent',
    lie: invent(1, 'bench-1-99'),
    outcome: 'completed violated unexpected=1',
    words: 'never produced',
  },
]

describe.concurrent('runScenario() against a server that', () => {
  test.each([...DELIVERY_LIES, ...CONTENT_LIES])('$name: $outcome', async lied => {
    const { lie, outcome, words, settings } = lied
    // A run that completes must not stall on a machine that is busy.
    const stallTimeoutMs = outcome.startsWith('completed') ? 5000 : 500
    const run = await runAgainst(lie, { stallTimeoutMs, ...settings })

    expect(outcomeOf(run)).toBe(outcome)
    expect(wordsOf(run)).toContain(words)
  })

  test('repeats one message for ever: stalls', async () => {
    const run = await runAgainst(deliverOneForEver())

    expect.assert(run.kind === 'stalled')
    expect(run.correctness).toMatchObject({ verdict: 'violated', settled: 1 })
    // More than a counter of the ledger holds.
    expect(run.correctness.duplicated).toBeGreaterThan(300)
  })

  test('swaps two payloads: each comes once, but under the id of the other', async () => {
    let swaps = 0
    const lie = swapPayloads(() => {
      swaps += 1
    })
    const run = await runAgainst(lie, { producers: 10, consumers: 1, stallTimeoutMs: 5000 })

    expect(swaps).toBe(1)
    expect(outcomeOf(run)).toBe('completed violated idConflicts=2')
    expect(wordsOf(run)).toContain('2 messages delivered under another id than acknowledged')
  })
})

describe.concurrent('runScenario() with a warm-up', () => {
  const settings = { warmupMsgs: 100, stallTimeoutMs: 5000 }

  test('is violated by a duplicate in it, and has the figures of the measured phase', async () => {
    await using server = await startLyingServer(deliverTwice(50))
    const run = await runOn(server, settings)

    expect(outcomeOf(run)).toBe('completed violated duplicated=1')
    expect(wordsOf(run)).toContain('In the warm-up: 1 delivery repeated')
    expect.assert(run.kind === 'completed')
    expect(run.parts[0].tally).toMatchObject({ produced: 200, deliveries: 200, duplicated: 0 })
    expect(run.correctness).toMatchObject({ produced: 200, settled: 200 })
  })

  test('ends with a loss in it', async () => {
    await using server = await startLyingServer(lose(50))
    const run = await runOn(server, { ...settings, stallTimeoutMs: 500 })

    expect(outcomeOf(run)).toBe('completed violated lost=1')
    expect(wordsOf(run)).toContain('In the warm-up: 1 acknowledged message lost')
  })

  test('does not blame it for what is wrong in the measured phase', async () => {
    const run = await runAgainst(deliverTwice(50), settings)

    expect(outcomeOf(run)).toBe('completed violated duplicated=1')
    expect(wordsOf(run)).not.toContain('warm-up')
  })
})
