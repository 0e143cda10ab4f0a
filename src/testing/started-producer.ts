import { BenchError } from '../errors.ts'
import { Ledger } from '../ledger/ledger.ts'
import { Board } from '../load/board.ts'
import { IdentityWriter } from '../load/identity.ts'
import { PayloadSizes } from '../load/payload-sizes.ts'
import { type Pace, ProducerLoop } from '../load/producer-loop.ts'
import { Tally } from '../measure/tally.ts'
import { HandDriver } from './hand-driver.ts'
import { ManualClock } from './manual-clock.ts'

export interface ProducerSettings {
  readonly pace: Pace
  readonly messages?: number
  readonly pipeline?: number
  /** After the start, which is at 100 ms of the clock. */
  readonly recordFromMs?: number
  /** How long before its start the loop is told of it. */
  readonly leadMs?: number
}

/** One producer loop whose answers come by hand, started; its times are ms from its start. */
export function startProducer({
  pace,
  messages = 10,
  pipeline = 1,
  recordFromMs = 0,
  leadMs = 0,
}: ProducerSettings) {
  const clock = new ManualClock()
  clock.advance(100 - leadMs)
  const startNs = 100e6
  const driver = new HandDriver()
  const ledger = new Ledger(messages)
  const board = new Board()
  const tally = new Tally()
  tally.startAt(startNs)
  tally.recordFromNs = startNs + recordFromMs * 1e6
  const heard: string[] = []
  const loop = new ProducerLoop(
    {
      clock,
      driver,
      logId: 'log',
      pipeline,
      requestTimeoutMs: 1000,
      firstMessage: 0,
      messages,
      text: new IdentityWriter(0, new PayloadSizes(undefined, 1)),
      pace,
    },
    { ledger, board, tally },
    {
      opened: () => heard.push('opened'),
      finished: () => heard.push('finished'),
      failed: error => heard.push(`failed: ${error.message}`),
    },
  )
  loop.start(startNs)
  const [producer] = driver.producers
  if (producer === undefined) throw new BenchError('INTERNAL', 'Cannot find the channel')
  return {
    loop,
    producer,
    clock,
    ledger,
    board,
    tally,
    heard,
    at: (ms: number) => clock.advance(100 + ms - clock.nowNs() / 1e6),
    /** How many producers the board takes for finished with `sent` messages, which it settles. */
    timesFinished(sent: number): number {
      board.addConsumed(sent, sent)
      return [1, 2, 3].find(producers => board.allAccounted(producers)) ?? 0
    },
  }
}
