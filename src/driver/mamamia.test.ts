import { describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { type Listener, listen } from '../server/listener.ts'
import { describeDriver } from '../testing/driver-conformance.ts'
import { answered, recordConsumer, recordProducer } from '../testing/recorded-channel.ts'
import { scriptedServer } from '../testing/scripted-server.ts'
import { brokerWith, frameOf } from '../testing/session-peer.ts'
import { PRODUCE } from '../wire/frame.ts'
import { mamamiaDriver } from './mamamia.ts'
import { textBytesIn } from './text-payload.ts'

describeDriver('Mamamia', async () => {
  const listener = await serve()
  return {
    driver: mamamiaDriver({ address: listener }),
    stopSystem: async () => listener[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: async () => listener[Symbol.asyncDispose](),
  }
})

describe('mamamiaDriver()', () => {
  test('writes each payload in exactly the size asked for, and reads it back', async () => {
    const broker = brokerWith({})
    await using listener = await serve(broker)
    const driver = mamamiaDriver({ address: listener })
    // 39, 264 and 65,545 cannot be reached with the shortest string head.
    const sizes = [7, 8, 38, 39, 40, 263, 264, 265, 65_544, 65_545, 65_546, 65_547, 100_000, 0, 7]
    const texts = sizes.map(size => (size === 0 ? 'free' : 'x'.repeat(textBytesIn(size))))
    const producer = recordProducer(driver, { logId: 'log', texts, payloadBytes: sizes })
    for (const sequence of sizes.keys()) producer.channel.produce(sequence)
    await answered(producer)
    const stored = sizes.map((_, messageId) => broker.log('log')?.read(messageId).payloadBytes)
    expect(stored).toEqual(sizes.map(size => (size === 0 ? 7 + 'free'.length : size)))

    const consumer = recordConsumer(driver, { logId: 'log' })
    for (const _ of sizes) consumer.channel.acquire()
    const received = (await answered(consumer)).map(event =>
      event.kind === 'delivered' ? event.text : event.kind,
    )
    expect(received).toEqual(texts)
    producer.channel.close()
    consumer.channel.close()
  })

  test.each<[name: string, message: object, text: string | undefined]>([
    ['a message of ours', { log_id: 'log', payload: { data: 'text' } }, 'text'],
    ['a message without log id', { payload: { data: 'text' } }, 'text'],
    ['a message of another log', { log_id: 'other', payload: { data: 'text' } }, undefined],
    [
      'a message of a log that begins alike',
      { log_id: 'logs', payload: { data: 'text' } },
      undefined,
    ],
    ['a payload that is no map', { log_id: 'log', payload: 'text' }, undefined],
    ['a payload with another key', { log_id: 'log', payload: { date: 'text' } }, undefined],
    ['a payload with two keys', { log_id: 'log', payload: { data: 'text', more: 1 } }, undefined],
    ['a payload whose text is none', { log_id: 'log', payload: { data: 5 } }, undefined],
    ['an empty payload', { log_id: 'log', payload: {} }, undefined],
  ])('delivers %s as what it is', async (_name, message, text) => {
    await using server = await scriptedServer(command =>
      frameOf(command, { message: { id: 4, ...message } }),
    )
    const consumer = recordConsumer(mamamiaDriver({ address: server }), { logId: 'log' })
    consumer.channel.acquire()
    expect(await answered(consumer)).toMatchObject([{ kind: 'delivered', messageId: 4, text }])
    consumer.channel.close()
  })

  test('tells refusals of each command apart from answers', async () => {
    await using server = await scriptedServer(command =>
      frameOf(command, { error: `no ${command}` }),
    )
    const driver = mamamiaDriver({ address: server })
    const producer = recordProducer(driver, { logId: 'log', texts: ['text'] })
    producer.channel.produce(0)
    expect(await answered(producer)).toEqual([{ kind: 'refused', reason: 'no 1' }])
    const consumer = recordConsumer(driver, { logId: 'log' })
    consumer.channel.acquire()
    consumer.channel.settle(0, true)
    expect(await answered(consumer)).toEqual([
      { kind: 'refused', reason: 'no 2' },
      { kind: 'refused', reason: 'no 3' },
    ])
    producer.channel.close()
    consumer.channel.close()
  })

  test('closes the channel when the server answers nonsense', async () => {
    await using server = await scriptedServer(() => frameOf(PRODUCE, { nonsense: true }))
    const producer = recordProducer(mamamiaDriver({ address: server }), {
      logId: 'log',
      texts: [''],
    })
    producer.channel.produce(0)
    producer.channel.flush()
    await expect
      .poll(() => producer.events.at(-1))
      .toMatchObject({ kind: 'closed', error: { code: 'ANSWER_INVALID' } })
  })
})

function serve(broker = brokerWith({})): Promise<Listener> {
  return listen(broker, { host: '127.0.0.1', port: 0, clock: systemClock })
}
