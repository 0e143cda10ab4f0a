import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Delivery, Ledger } from './ledger.ts'

const LEASE_NS = 100

/** A ledger of one message that was sent at 1; deliveries are asked for and read at given times. */
function openLedger() {
  const ledger = new Ledger(3)
  ledger.sent(0, 1)
  const deliver = (consumer: number, sentNs: number, readNs: number): Delivery =>
    ledger.delivered(0, 7, { consumer, sentNs, untilNs: sentNs + LEASE_NS, readNs })
  return { ledger, deliver }
}

describe('Ledger.delivered()', () => {
  test('calls the first delivery of a sent message first', () => {
    expect(openLedger().deliver(1, 10, 20)).toBe('first')
  })

  test('calls a message that was not sent unexpected, and it stays uncounted', () => {
    const { ledger } = openLedger()
    const lease = { consumer: 1, sentNs: 10, untilNs: 110, readNs: 20 }

    expect(ledger.delivered(2, 7, lease)).toBe('unexpected')
    expect(ledger.count()).toMatchObject({ sent: 1, settled: 0 })
  })

  test.each<{ sentNs: number; readNs: number; expected: Delivery }>([
    { sentNs: 90, readNs: 109, expected: 'overlapping' },
    { sentNs: 90, readNs: 110, expected: 'redelivered' },
    { sentNs: 200, readNs: 210, expected: 'redelivered' },
    // Read so late that its own lease may be over: perhaps it was granted before the other one.
    { sentNs: 2, readNs: 101, expected: 'overlapping' },
    { sentNs: 2, readNs: 102, expected: 'redelivered' },
  ])(
    'of a lease until 110 calls one asked at $sentNs and read at $readNs $expected',
    ({ sentNs, readNs, expected }) => {
      const { deliver } = openLedger()
      deliver(1, 10, 20)

      expect(deliver(2, sentNs, readNs)).toBe(expected)
    },
  )

  test('calls it duplicated once the SETTLE is about to leave: the lease is not certain then', () => {
    const { ledger, deliver } = openLedger()
    deliver(1, 10, 20)
    ledger.settleSent(0, 1)

    expect(deliver(2, 21, 30)).toBe('duplicated')
  })

  test('calls a second delivery to the same consumer duplicated', () => {
    const { deliver } = openLedger()
    deliver(1, 10, 20)

    expect(deliver(1, 21, 30)).toBe('duplicated')
  })

  test('knows that another consumer holds it when the one before sends its SETTLE', () => {
    const { ledger, deliver } = openLedger()
    deliver(1, 10, 20)
    deliver(2, 21, 30)
    ledger.settleSent(0, 1)

    expect(deliver(3, 31, 40)).toBe('overlapping')
  })

  test.each<{ sentNs: number; readNs: number; expected: Delivery }>([
    // Asked for after the answer to SETTLE was there, however late it is read.
    { sentNs: 50, readNs: 60, expected: 'duplicated' },
    { sentNs: 50, readNs: 5000, expected: 'duplicated' },
    // Asked for before, and still leased: the server has given what it had settled.
    { sentNs: 49, readNs: 148, expected: 'duplicated' },
    // Perhaps given to it before the one who settled, and read late.
    { sentNs: 49, readNs: 149, expected: 'redelivered' },
  ])(
    'of a message settled at 50 calls one asked at $sentNs and read at $readNs $expected',
    ({ sentNs, readNs, expected }) => {
      const { ledger, deliver } = openLedger()
      deliver(1, 10, 20)
      ledger.settleSent(0, 1)
      ledger.settled(0, 50)

      expect(deliver(2, sentNs, readNs)).toBe(expected)
    },
  )

  test('compares with the longest of all earlier leases', () => {
    const { deliver } = openLedger()
    deliver(1, 10, 20)
    deliver(2, 120, 130)
    // Asked for long ago and read now; its own lease is over, that of the second is not.
    expect(deliver(3, 30, 135)).toBe('redelivered')
    expect(deliver(1, 140, 150)).toBe('overlapping')
  })

  test('still knows a message after more deliveries and settles than its counters hold', () => {
    const { ledger, deliver } = openLedger()
    ledger.acknowledged(0, 7)
    deliver(1, 10, 20)
    ledger.settled(0, 30)
    for (let again = 0; again < 600; again += 1) {
      expect(deliver(1, 40, 50)).toBe('duplicated')
      expect(ledger.settled(0, 60)).toBe(false)
    }

    expect(ledger.count()).toMatchObject({ settled: 1, missing: 0, settledTwice: 254 })
  })
})

describe('Ledger.settled()', () => {
  test('is true for the first accepted SETTLE only', () => {
    const { ledger } = openLedger()

    expect([ledger.settled(0, 10), ledger.settled(0, 20)]).toEqual([true, false])
  })
})

describe('Ledger.mayRefuseSettle()', () => {
  test('is true only for a lease that may be over, a settled message or an odd one', () => {
    const { ledger, deliver } = openLedger()
    deliver(1, 10, 20)
    expect(ledger.mayRefuseSettle(0, false)).toBe(false)
    expect(ledger.mayRefuseSettle(0, true)).toBe(true)
    deliver(2, 21, 30)
    expect(ledger.mayRefuseSettle(0, false)).toBe(true)
    ledger.settled(1, 40)
    expect(ledger.mayRefuseSettle(1, false)).toBe(true)
  })
})

describe('Ledger.lastLeaseUntilNs()', () => {
  test('is the latest end among unsettled messages, 0 without any', () => {
    const ledger = new Ledger(3)
    const lease = { consumer: 1, sentNs: 10, readNs: 20 }
    for (const message of [0, 1, 2]) ledger.sent(message, 1)
    expect(ledger.lastLeaseUntilNs()).toBe(0)
    ledger.delivered(0, 7, { ...lease, untilNs: 300 })
    ledger.delivered(1, 8, { ...lease, untilNs: 200 })
    expect(ledger.lastLeaseUntilNs()).toBe(300)
    ledger.settled(0, 250)
    expect(ledger.lastLeaseUntilNs()).toBe(200)
    ledger.settled(1, 260)
    expect(ledger.lastLeaseUntilNs()).toBe(0)
  })
})

describe('Ledger.count()', () => {
  test('tells never delivered from never settled, and both from never acknowledged', () => {
    const ledger = new Ledger(5)
    const lease = { consumer: 1, sentNs: 10, untilNs: 110, readNs: 20 }
    for (const message of [0, 1, 2, 3]) ledger.sent(message, 1)
    for (const message of [0, 1, 2]) ledger.acknowledged(message, message)
    for (const message of [0, 1, 3]) ledger.delivered(message, message, lease)
    for (const message of [0, 3]) ledger.settled(message, 30)

    expect(ledger.count()).toEqual({
      sent: 4,
      produced: 3,
      settled: 2,
      settledTwice: 0,
      idConflicts: 0,
      missing: 2,
      waiting: 1,
    })
  })

  test('sees no fault in two SETTLEs where the first lease had run out', () => {
    const { ledger, deliver } = openLedger()
    deliver(1, 10, 20)
    deliver(2, 200, 210)
    ledger.settled(0, 220)
    ledger.settled(0, 230)

    expect(ledger.count()).toMatchObject({ settled: 1, settledTwice: 0 })
  })

  test('sees one in two SETTLEs of a message that was delivered twice', () => {
    const { ledger, deliver } = openLedger()
    deliver(1, 10, 20)
    deliver(2, 21, 30)
    ledger.settled(0, 40)
    ledger.settled(0, 50)

    expect(ledger.count()).toMatchObject({ settled: 1, settledTwice: 1 })
  })

  test.each([
    { what: 'acknowledged first', order: ['acknowledge', 'deliver'] },
    { what: 'delivered first', order: ['deliver', 'acknowledge'] },
  ])('sees a message of two ids, $what', ({ order }) => {
    const { ledger, deliver } = openLedger()
    for (const step of order) {
      if (step === 'deliver') deliver(1, 10, 20)
      else ledger.acknowledged(0, 6)
    }

    expect(ledger.count()).toMatchObject({ idConflicts: 1 })
  })

  test('sees what another view of the same memory was told', () => {
    const { ledger, deliver } = openLedger()
    const other = new Ledger(ledger.msgs, ledger.shared)
    deliver(1, 10, 20)
    other.acknowledged(0, 7)
    other.settled(0, 30)

    expect(other.dueNs(0)).toBe(1)
    expect(ledger.count()).toEqual(other.count())
    expect(ledger.count()).toMatchObject({ produced: 1, settled: 1, missing: 0 })
  })
})

describe('Ledger shared by threads', () => {
  const msgs = 20_000
  const threads = 3
  // All threads go through the same messages at the same time, each with a lease that runs.
  const source = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { ledgerUrl, shared, meeting, msgs, threads, consumer } = workerData
    import(ledgerUrl).then(({ Ledger }) => {
      const ledger = new Ledger(msgs, shared)
      const met = new Int32Array(meeting)
      const seen = { first: 0, redelivered: 0, duplicated: 0, overlapping: 0, settled: 0 }
      Atomics.add(met, 0, 1)
      while (Atomics.load(met, 0) < threads);
      for (let message = 0; message < msgs; message += 1) {
        seen[ledger.delivered(message, message, { consumer, sentNs: 10, untilNs: 1e9, readNs: 20 })] += 1
        ledger.settleSent(message, consumer)
        if (ledger.settled(message, 30)) seen.settled += 1
      }
      parentPort.postMessage(seen)
    })`

  test('calls each message first once and settled once, and explains no repetition', async () => {
    const ledger = new Ledger(msgs)
    for (let message = 0; message < msgs; message += 1) ledger.sent(message, 1)
    const ledgerUrl = new URL('./ledger.ts', import.meta.url).href
    const common = { ledgerUrl, shared: ledger.shared, meeting: new SharedArrayBuffer(4) }
    const seen = await Promise.all(
      Array.from({ length: threads }, (_, index) => {
        const workerData = { ...common, msgs, threads, consumer: index + 1 }
        const worker = new Worker(source, { eval: true, execArgv: [], workerData })
        return new Promise<Readonly<Record<string, number>>>((resolve, reject) =>
          worker.once('message', resolve).once('error', reject),
        )
      }),
    )

    const total = (name: string) => seen.reduce((sum, counts) => sum + (counts[name] ?? 0), 0)
    expect(total('first')).toBe(msgs)
    expect(total('settled')).toBe(msgs)
    expect(total('redelivered')).toBe(0)
    expect(total('duplicated') + total('overlapping')).toBe(2 * msgs)
    expect(ledger.count()).toMatchObject({ settled: msgs, settledTwice: 2 * msgs })
  })
})

test('a ledger of one thread says the same as one that several share', () => {
  const event = fc.record({
    kind: fc.constantFrom('sent', 'acknowledged', 'delivered', 'settleSent', 'settled'),
    message: fc.nat(2),
    consumer: fc.integer({ min: 1, max: 3 }),
    messageId: fc.nat(3),
    passesNs: fc.nat(80),
  })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), events => {
      const ledgers = [true, false].map(isAlone => new Ledger(3, undefined, isAlone))
      let nowNs = 1
      for (const { kind, message, consumer, messageId, passesNs } of events) {
        nowNs += passesNs
        const lease = { consumer, sentNs: nowNs - 5, untilNs: nowNs + 95, readNs: nowNs }
        const [alone, sharing] = ledgers.map(ledger => {
          if (kind === 'sent') return ledger.sent(message, nowNs)
          if (kind === 'acknowledged') return ledger.acknowledged(message, messageId)
          if (kind === 'delivered') return ledger.delivered(message, messageId, lease)
          if (kind === 'settleSent') return ledger.settleSent(message, consumer)
          return ledger.settled(message, nowNs)
        })
        expect(alone).toBe(sharing)
      }
      const [alone, sharing] = ledgers
      expect(alone?.count()).toEqual(sharing?.count())
      expect(alone?.lastLeaseUntilNs()).toBe(sharing?.lastLeaseUntilNs())
    }),
  )
})
