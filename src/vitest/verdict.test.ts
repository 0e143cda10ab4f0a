import { expect, test } from 'vitest'
import { BenchRun } from '../testing/bench-run.ts'
import { deliverTwice, lose, loseAndRepeat } from '../testing/lies/delivery.ts'
import type { Lie } from '../testing/lies/lie.ts'
import { startLyingServer } from '../testing/lying-server.ts'

const LIES: readonly { readonly what: string; readonly lie: () => Lie; readonly counts: object }[] =
  [
    { what: 'loses a message', lie: () => lose(50), counts: { lost: 1, duplicated: 0 } },
    { what: 'delivers twice', lie: () => deliverTwice(50), counts: { lost: 0, duplicated: 1 } },
    { what: 'does both at once', lie: () => loseAndRepeat(50), counts: { lost: 1, duplicated: 1 } },
  ]

test.each(LIES)('a server that $what fails the run with its counts', async ({ lie, counts }) => {
  await using server = await startLyingServer(lie())
  const scenario = { name: 'lied to', msgs: 200, producers: 2, consumers: 3, warmupMsgs: 0 }
  await using run = new BenchRun({
    server: { addr: `127.0.0.1:${server.port}` },
    scenarios: [{ ...scenario, stallTimeoutMs: 400 }],
  })

  expect(await run.ended(), run.output).toBe(1)
  const [result] = run.results().suites[0]?.scenarios ?? []
  expect(result).toMatchObject({
    status: 'fail',
    correctness: { verdict: 'violated', produced: 200, ...counts },
  })
  expect(run.output).toMatch(/Expected delivery exactly once, but it is violated: /)
  expect(run.output).toMatch(/lied to .*suite\.bench\.json:\d+:\d+/)
})
