import { test as base, describe, expect } from 'vitest'
import { pause, systemClock } from '../clock.ts'
import type { Driver } from '../driver/driver.ts'
import { answered, answersOf, recordConsumer, recordProducer } from './recorded-channel.ts'

/** A driver with a message system of its own, which keeps no log of an earlier one. */
export interface DriverUnderTest extends AsyncDisposable {
  readonly driver: Driver
  /** Ends the message system: connections are lost, and new ones refused. */
  stopSystem(): Promise<void>
}

/** How long nothing may follow before a test claims that nothing does. */
const QUIET_MS = 50

/** Runs the tests that every driver must pass; a new driver's test file is one call of this. */
export function describeDriver(name: string, open: () => Promise<DriverUnderTest>): void {
  const test = base.extend('system', async ({}, { onCleanup }) => {
    const system = await open()
    onCleanup(() => system[Symbol.asyncDispose]())
    return system
  })

  describe(`${name} driver`, () => {
    test('produce() reaches a consumer once', async ({ system: { driver } }) => {
      const producer = recordProducer(driver, { logId: 'log', texts: ['text'] })
      producer.channel.produce(0)
      const [acknowledged] = await answered(producer)
      expect.assert(acknowledged?.kind === 'acknowledged')

      const consumer = recordConsumer(driver, { logId: 'log' })
      consumer.channel.acquire()
      const [delivery, ...more] = await answered(consumer)
      expect.assert(delivery?.kind === 'delivered')
      expect(delivery.text).toBe('text')
      expect(delivery.messageId, 'both speak of one id').toBe(acknowledged.messageId)
      expect(more).toEqual([])

      consumer.channel.settle(delivery.messageId, true)
      expect(await answered(consumer)).toMatchObject([{ kind: 'settled' }])
      await pause(systemClock, QUIET_MS)
      consumer.channel.acquire()
      expect(await answered(consumer)).toMatchObject([{ kind: 'empty' }])
      close(producer, consumer)
    })

    test('texts of any length come back byte for byte', async ({ system: { driver } }) => {
      const lengths = [0, 1, 31, 32, 255, 256, 65_535, 65_536, 200_000]
      const texts = lengths.map(length => 'abcdefghij'.repeat(length / 10 + 1).slice(0, length))
      const producer = recordProducer(driver, { logId: 'log', texts })
      const consumer = recordConsumer(driver, { logId: 'log' })
      for (const sequence of texts.keys()) producer.channel.produce(sequence)
      await answered(producer)
      for (const _ of texts) consumer.channel.acquire()
      const received = (await answered(consumer)).map(event =>
        event.kind === 'delivered' ? event.text : event.kind,
      )
      expect(received.map(text => text?.length)).toEqual(lengths)
      expect(received).toEqual(texts)
      close(producer, consumer)
    })

    test('acquire() of a log that has nothing is answered empty', async ({
      system: { driver },
    }) => {
      const consumer = recordConsumer(driver, { logId: 'nothing' })
      consumer.channel.acquire()
      expect(await answered(consumer)).toMatchObject([{ kind: 'empty' }])
      close(consumer)
    })

    test('every group gets every message, every log its own', async ({ system: { driver } }) => {
      for (const logId of ['one', 'two']) {
        const producer = recordProducer(driver, { logId, texts: [logId] })
        producer.channel.produce(0)
        await answered(producer)
        close(producer)
      }
      for (const logId of ['one', 'two']) {
        for (const groupId of ['first', 'second']) {
          const consumer = recordConsumer(driver, { logId, groupId })
          consumer.channel.acquire()
          consumer.channel.acquire()
          expect(await answered(consumer)).toMatchObject([
            { kind: 'delivered', text: logId },
            { kind: 'empty' },
          ])
          close(consumer)
        }
      }
    })

    test('settle() with a failure gives the message back', async ({ system: { driver } }) => {
      const producer = recordProducer(driver, { logId: 'log', texts: ['text'] })
      producer.channel.produce(0)
      await answered(producer)
      const consumer = recordConsumer(driver, { logId: 'log' })
      for (const success of [false, true]) {
        consumer.channel.acquire()
        const [delivery] = await answered(consumer)
        expect.assert(delivery?.kind === 'delivered')
        consumer.channel.settle(delivery.messageId, success)
        expect(await answered(consumer)).toMatchObject([{ kind: 'settled' }])
      }
      consumer.channel.acquire()
      expect(await answered(consumer)).toMatchObject([{ kind: 'empty' }])
      close(producer, consumer)
    })

    test('settle() of a lease of somebody else is refused, with a reason', async ({
      system: { driver },
    }) => {
      const producer = recordProducer(driver, { logId: 'log', texts: ['text'] })
      producer.channel.produce(0)
      await answered(producer)
      const owner = recordConsumer(driver, { logId: 'log', clientId: 'owner' })
      owner.channel.acquire()
      const [delivery] = await answered(owner)
      expect.assert(delivery?.kind === 'delivered')

      const thief = recordConsumer(driver, { logId: 'log', clientId: 'thief' })
      thief.channel.settle(delivery.messageId, true)
      const [refusal] = await answered(thief)
      expect.assert(refusal?.kind === 'refused')
      expect(refusal.reason).not.toBe('')
      owner.channel.settle(delivery.messageId, true)
      expect(await answered(owner)).toMatchObject([{ kind: 'settled' }])
      close(producer, owner, thief)
    })

    test('answers come in the order of the requests', async ({ system: { driver } }) => {
      const texts = Array.from({ length: 20 }, (_, sequence) => `text ${sequence}`)
      const producer = recordProducer(driver, { logId: 'log', texts })
      for (const sequence of texts.keys()) producer.channel.produce(sequence)
      await answered(producer)
      const consumer = recordConsumer(driver, { logId: 'log' })
      consumer.channel.acquire()
      const [first] = await answered(consumer)
      expect.assert(first?.kind === 'delivered')
      consumer.channel.acquire()
      consumer.channel.settle(first.messageId, true)
      consumer.channel.acquire()
      expect(await answered(consumer)).toMatchObject([
        { kind: 'delivered', text: 'text 1' },
        { kind: 'settled' },
        { kind: 'delivered', text: 'text 2' },
      ])
      close(producer, consumer)
    })

    test('answers come between batchStarted() and batchEnded(), after they were sent', async ({
      system: { driver },
    }) => {
      const texts = Array.from({ length: 500 }, (_, sequence) => `text ${sequence}`)
      const producer = recordProducer(driver, { logId: 'log', texts, pipeline: texts.length })
      const beforeNs = systemClock.nowNs()
      for (const sequence of texts.keys()) producer.channel.produce(sequence)
      producer.channel.flush()
      await expect.poll(() => producer.channel.openRequests).toBe(0)

      const [opened, ...events] = producer.events
      expect(opened).toEqual({ kind: 'opened' })
      let batchNs: number | undefined
      for (const event of events) {
        if (event.kind === 'batchStarted') {
          expect(batchNs, 'no batch within a batch').toBeUndefined()
          batchNs = event.nowNs
        } else if (event.kind === 'batchEnded') {
          batchNs = undefined
        } else {
          expect.assert(event.kind === 'acknowledged' && batchNs !== undefined)
          expect(event.sentNs).toBeGreaterThanOrEqual(beforeNs)
          expect(event.sentNs).toBeLessThanOrEqual(batchNs)
        }
      }
      expect(batchNs, 'the last batch has ended').toBeUndefined()
      expect(answersOf(producer)).toHaveLength(texts.length)
      close(producer)
    })

    test('nothing leaves before flush()', async ({ system: { driver } }) => {
      const producer = recordProducer(driver, { logId: 'log', texts: ['text'] })
      await expect.poll(() => producer.events).toEqual([{ kind: 'opened' }])
      producer.channel.produce(0)
      await pause(systemClock, QUIET_MS)
      const consumer = recordConsumer(driver, { logId: 'log' })
      consumer.channel.acquire()
      expect(await answered(consumer)).toMatchObject([{ kind: 'empty' }])
      expect(await answered(producer)).toMatchObject([{ kind: 'acknowledged' }])
      close(producer, consumer)
    })

    test('one request over the pipeline throws LIMIT_EXCEEDED', async ({ system: { driver } }) => {
      const consumer = recordConsumer(driver, { logId: 'log', pipeline: 2 })
      const limit = expect.objectContaining({ code: 'LIMIT_EXCEEDED' })
      for (let round = 0; round < 3; round += 1) {
        consumer.channel.acquire()
        consumer.channel.acquire()
        expect(consumer.channel.openRequests).toBe(2)
        expect(() => consumer.channel.acquire()).toThrow(limit)
        expect(() => consumer.channel.settle(0, true)).toThrow(limit)
        expect(await answered(consumer)).toHaveLength(2)
      }
      close(consumer)
    })

    test('closed() comes once when the system ends, and is the last event', async ({ system }) => {
      const consumer = recordConsumer(system.driver, { logId: 'log' })
      const producer = recordProducer(system.driver, { logId: 'log', texts: ['text'] })
      consumer.channel.acquire()
      await answered(consumer)
      producer.channel.produce(0)
      await answered(producer)
      await system.stopSystem()
      for (const { events } of [consumer, producer]) {
        await expect.poll(() => events).toMatchObject([{ kind: 'closed' }])
      }
      await pause(systemClock, QUIET_MS)
      expect(consumer.events).toHaveLength(1)
      expect(() => consumer.channel.acquire()).toThrow(
        expect.objectContaining({ code: 'CONNECTION_CLOSED' }),
      )
      close(consumer, producer)
    })

    test('closed() says why no connection could be made', async ({ system }) => {
      await system.stopSystem()
      const producer = recordProducer(system.driver, { logId: 'log', texts: ['text'] })
      producer.channel.produce(0)
      producer.channel.flush()
      await expect
        .poll(() => producer.events)
        .toMatchObject([{ kind: 'closed', error: { code: 'CONNECTION_FAILED' } }])
      expect(producer.channel.openRequests).toBe(1)
      close(producer)
    })

    test('no event follows close(), which may come twice', async ({ system }) => {
      const texts = ['first', 'second']
      const producer = recordProducer(system.driver, { logId: 'log', texts })
      producer.channel.produce(0)
      await answered(producer)
      producer.channel.produce(1)
      producer.channel.flush()
      close(producer, producer)
      await system.stopSystem()
      await pause(systemClock, QUIET_MS)
      expect(producer.events).toEqual([])
    })
  })
}

function close(...recorded: readonly { readonly channel: { close(): void } }[]): void {
  for (const { channel } of recorded) channel.close()
}
