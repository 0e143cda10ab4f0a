import { encode } from '@msgpack/msgpack'
import { describe, expect, test } from 'vitest'
import { payloadBytesMin, scenarioTimeoutMs } from './scenario.ts'

describe('scenarioTimeoutMs()', () => {
  const scenario = { msgs: 1, warmupMsgs: 0, leaseMs: 30_000, stallTimeoutMs: 10_000 }

  test('gives a minute, lease and stall, and 2 ms for each message and warm-up message', () => {
    expect(scenarioTimeoutMs(scenario)).toBe(100_002)
    expect(scenarioTimeoutMs({ ...scenario, msgs: 100_000, warmupMsgs: 1000 })).toBe(302_000)
  })

  test('never gives more than a day', () => {
    expect(scenarioTimeoutMs({ ...scenario, msgs: 100_000_000 })).toBe(86_400_000)
  })
})

describe('payloadBytesMin()', () => {
  test.each([
    { msgs: 1, warmupMsgs: 1000, producers: 1, text: 'bench-0-999' },
    { msgs: 1, producers: 1, text: 'bench-0-0' },
    { msgs: 100_000, producers: 10, text: 'bench-9-9999' },
    { msgs: 101, producers: 10, text: 'bench-9-10' },
    { msgs: 5, producers: 10_000, text: 'bench-9999-0' },
    { msgs: 100_000_000, producers: 1, text: 'bench-0-99999999' },
  ])(
    'of $msgs messages by $producers is the MessagePack size of $text',
    ({ text, ...scenario }) => {
      expect(payloadBytesMin({ warmupMsgs: 0, ...scenario })).toBe(encode({ data: text }).length)
    },
  )
})
