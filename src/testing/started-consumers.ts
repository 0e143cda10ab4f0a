import { expect } from 'vitest'
import { Ledger } from '../ledger/ledger.ts'
import { Board } from '../load/board.ts'
import { ConsumerLoop } from '../load/consumer-loop.ts'
import { IdentityReader } from '../load/identity.ts'
import { PayloadSizes } from '../load/payload-sizes.ts'
import { Tally } from '../measure/tally.ts'
import { HandDriver } from './hand-driver.ts'
import { ManualClock } from './manual-clock.ts'

/** Consumers of ten messages that one producer has sent at 1 ms, as many as there are pipelines. */
export function startConsumers({
  pipelines = [1],
  leaseMs = 100,
  processingMs = 0,
  idleBackoffMaxMs = 16,
} = {}) {
  const clock = new ManualClock()
  clock.advance(1)
  const driver = new HandDriver()
  const msgs = 10
  const ledger = new Ledger(msgs)
  const board = new Board()
  for (let message = 0; message < msgs; message += 1) ledger.sent(message, clock.nowNs())
  const heard: string[] = []
  const tallies = pipelines.map((pipeline, index) => {
    const tally = new Tally()
    const loop = new ConsumerLoop(
      {
        clock,
        driver,
        logId: 'log',
        groupId: 'group',
        clientId: `c${index}`,
        consumer: index + 1,
        producers: 1,
        pipeline,
        requestTimeoutMs: 1000,
        leaseMs,
        processingMs,
        idleBackoffMs: 1,
        idleBackoffMaxMs,
        identity: new IdentityReader({ producers: 1, msgs }, new PayloadSizes(undefined, 1)),
      },
      { ledger, board, tally },
      {
        opened() {},
        finished: () => heard.push(`${index} finished`),
        failed: error => heard.push(`${index} failed: ${error.message}`),
      },
    )
    loop.start()
    return tally
  })
  const [first, second = first] = driver.consumers
  const [tally, otherTally = tally] = tallies
  expect.assert(first !== undefined && second !== undefined)
  expect.assert(tally !== undefined && otherTally !== undefined)
  const accountForAllBut = (left: number) => {
    board.addAcknowledged(msgs)
    board.finishProducer(msgs)
    board.addConsumed(msgs - left, msgs - left)
  }
  return { clock, first, second, tally, otherTally, ledger, board, heard, accountForAllBut }
}
