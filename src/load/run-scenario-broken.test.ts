import { describe, expect, test } from 'vitest'
import { byKind } from '../testing/lies/delivery.ts'
import type { Lie } from '../testing/lies/lie.ts'
import {
  answerWith,
  garbage,
  refusal,
  refuseStored,
  replyFrom,
  wrongCommand,
} from '../testing/lies/protocol.ts'
import { startClosingServer } from '../testing/lying-server.ts'
import { outcomeOf, runAgainst, runOn, wordsOf } from '../testing/run-against.ts'

const silence = () => ({ kind: 'silence' }) as const
const hangUp = () => ({ kind: 'hang-up' }) as const

interface Case {
  readonly name: string
  readonly lie: Lie
  readonly outcome: string
  readonly words: string
}

const CASES: readonly Case[] = [
  {
    name: 'stores a message and says that it did not',
    lie: refuseStored(50),
    outcome: 'failed unknown',
    words: 'The server refused PRODUCE: It is stored, and this says that it is not',
  },
  {
    name: 'refuses every ACQUIRE_NEXT',
    lie: replyFrom(1, 'acquire', () => refusal('No')),
    outcome: 'failed unknown',
    words: 'The server refused ACQUIRE_NEXT: No',
  },
  {
    name: 'refuses a rightful SETTLE',
    lie: replyFrom(50, 'settle', () => refusal('Not yours')),
    outcome: 'failed unknown',
    words: 'Not yours',
  },
  ...(['produce', 'acquire', 'settle'] as const).flatMap(kind => [
    {
      name: `answers garbage to a ${kind}`,
      lie: replyFrom(20, kind, garbage),
      outcome: 'failed unknown',
      words: 'Cannot read a frame',
    },
    {
      name: `answers a ${kind} under another command`,
      lie: replyFrom(20, kind, wrongCommand),
      outcome: 'failed unknown',
      words: 'Cannot match an answer',
    },
    {
      name: `answers a ${kind} with a map without known keys`,
      lie: replyFrom(20, kind, answerWith({ ok: true })),
      outcome: 'failed unknown',
      words: 'it has none of the keys of one',
    },
  ]),
  {
    name: 'settles with another status',
    lie: replyFrom(20, 'settle', answerWith({ status: 'queued' })),
    outcome: 'failed unknown',
    words: 'its status is not "settled"',
  },
  {
    name: 'stops answering',
    lie: replyFrom(200, 'any', silence),
    outcome: 'stalled unknown',
    words: 'without an answer',
  },
  {
    name: 'stops answering PRODUCE',
    lie: replyFrom(20, 'produce', silence),
    outcome: 'stalled unknown',
    words: '19 of 200 messages acknowledged, 19 settled, 2 PRODUCE without an answer',
  },
  {
    name: 'stops answering SETTLE',
    lie: replyFrom(20, 'settle', silence),
    outcome: 'stalled unknown',
    words: '3 ACQUIRE_NEXT or SETTLE without an answer',
  },
  {
    name: 'never answers at all',
    lie: silence,
    outcome: 'stalled unknown',
    words: '0 of 200 messages acknowledged',
  },
  {
    name: 'loses a message, then stops answering consumers',
    lie: byKind({ acquire: replyFrom(20, 'acquire', silence) }),
    outcome: 'stalled unknown',
    words: '3 ACQUIRE_NEXT or SETTLE without an answer',
  },
  {
    name: 'closes its connections in the middle',
    lie: replyFrom(200, 'any', hangUp),
    outcome: 'failed unknown',
    words: 'The server closed the connection',
  },
]

describe.concurrent('runScenario() against a server that', () => {
  // A lease that runs would hold the diagnosis back until the request times out.
  const settings = { leaseMs: 100 }

  test.each(CASES)('$name: $outcome', async ({ lie, outcome, words }) => {
    const run = await runAgainst(lie, settings)

    expect(outcomeOf(run)).toBe(outcome)
    expect(wordsOf(run)).toContain(words)
  })

  test.each([1, 3])('closes every connection at once: fails, with %i threads', async threads => {
    await using server = await startClosingServer()
    const run = await runOn(server, { threads })

    expect(outcomeOf(run)).toBe('failed unknown')
    expect(wordsOf(run)).toMatch(/closed|reset/)
  })

  test('stops answering while a lease runs: fails when the request times out', async () => {
    const run = await runAgainst(replyFrom(20, 'settle', silence), { stallTimeoutMs: 300 })

    expect(outcomeOf(run)).toBe('failed unknown')
    expect(wordsOf(run)).toContain('No answer to SETTLE within 600 ms')
  })
})
