import { describe, expect, test } from 'vitest'
import { NS_PER_MS, NS_PER_SECOND, systemClock } from '../clock.ts'
import { ACQUIRE_NEXT, PRODUCE, SETTLE } from '../wire/frame.ts'
import { RawClient } from './raw-client.ts'
import { frameOf } from './session-peer.ts'
import { exchange, startShapedServer } from './shaping/shaped-process.ts'

const CONSUMER = { log_id: 'log', group_id: 'group', client_id: 'client' }
const PRODUCE_ONE = frameOf(PRODUCE, { log_id: 'log', payload: 1 })
const ACQUIRE = frameOf(ACQUIRE_NEXT, CONSUMER)
const SETTLE_ONE = frameOf(SETTLE, { ...CONSUMER, message_id: 0, success: true })
/** A command that is never delayed tells what a round trip costs by itself. */
const UNDELAYED = frameOf(9, {})

describe('shaped-server', () => {
  test('answers each command its delay later, and never earlier', async () => {
    const delays = [
      { option: '--produce-delay-ms', delayMs: 5, frame: PRODUCE_ONE },
      { option: '--acquire-delay-ms', delayMs: 3, frame: ACQUIRE },
      { option: '--settle-delay-ms', delayMs: 1.5, frame: SETTLE_ONE },
    ]
    const options = delays.flatMap(({ option, delayMs }) => [option, String(delayMs)])
    await using server = await startShapedServer(...options)
    await using client = await RawClient.open(server)
    const early: number[] = []
    const inexact = async () => {
      const trips = delays.map(delay => ({ ...delay, tripsMs: [] as number[] }))
      const undelayedMs: number[] = []
      for (let round = 0; round < 100; round += 1) {
        undelayedMs.push(await roundTripMs(client, UNDELAYED))
        for (const { frame, delayMs, tripsMs } of trips) {
          const tripMs = await roundTripMs(client, frame)
          if (tripMs < delayMs) early.push(tripMs)
          tripsMs.push(tripMs)
        }
      }
      return trips.filter(({ delayMs, tripsMs }) => {
        const measuredMs = undisturbed(tripsMs) - undisturbed(undelayedMs)
        return Math.abs(measuredMs - delayMs) > 0.05 * delayMs + 0.2
      })
    }
    await untilQuiet(inexact).toEqual([])
    expect(early).toEqual([])
  })

  test('lets pipelined requests wait side by side', async () => {
    await using server = await startShapedServer('--settle-delay-ms', '100')
    await using client = await RawClient.open(server)
    const sentNs = systemClock.nowNs()
    const receivedNs = await exchange(client, Array(100).fill(SETTLE_ONE))
    expect((receivedNs[99] ?? 0) - sentNs).toBeLessThan(50 * 100 * NS_PER_MS)
  })

  test('does nothing in its pause, which a client sees as long as it says', {
    retry: 5,
  }, async () => {
    await using server = await startShapedServer('--pause-at-ms', '100', '--pause-ms', '400')
    await using client = await RawClient.open(server)
    const startedNs = systemClock.nowNs()
    const receivedNs: number[] = []
    while (server.pause() === undefined) receivedNs.push(...(await exchange(client, [PRODUCE_ONE])))
    receivedNs.push(...(await exchange(client, [PRODUCE_ONE])))

    const { beganNs, endedNs } = server.pause() ?? { beganNs: 0, endedNs: 0 }
    expect(beganNs).toBeGreaterThan(startedNs + 100 * NS_PER_MS)
    expect(endedNs - beganNs).toBeGreaterThanOrEqual(400 * NS_PER_MS)
    expect(endedNs - beganNs).toBeLessThan(420 * NS_PER_MS)

    const gaps = receivedNs.map((ns, index) => ns - (receivedNs[index - 1] ?? ns))
    const longestNs = Math.max(...gaps)
    expect(receivedNs[gaps.indexOf(longestNs)]).toBeGreaterThan(endedNs)
    expect(longestNs / (endedNs - beganNs)).toBeGreaterThan(0.95)
    expect(longestNs / (endedNs - beganNs)).toBeLessThan(1.05)
  })

  test('accepts messages at its rate and no faster, on all connections together', async () => {
    const rate = 2_000
    await using server = await startShapedServer('--rate', String(rate))
    await using one = await RawClient.open(server)
    await using other = await RawClient.open(server)
    const burst = Array(500).fill(PRODUCE_ONE)
    const early: number[] = []
    const relativeError = async () => {
      const sentNs = systemClock.nowNs()
      const received = await Promise.all([exchange(one, burst), exchange(other, burst)])
      const receivedNs = received.flat().toSorted((a, b) => a - b)
      const isEarly = (ns: number, index: number) => ns < sentNs + (index * NS_PER_SECOND) / rate
      early.push(...receivedNs.filter(isEarly))
      // Without the first ones, which wait for code that was never run.
      const [firstNs = 0, lastNs = 0] = [receivedNs[200], receivedNs[999]]
      return Math.abs((799 * NS_PER_SECOND) / (lastNs - firstNs) / rate - 1)
    }
    await untilQuiet(relativeError).toBeLessThan(0.02)
    expect(early).toEqual([])
  })

  test('answers at once below its rate', async () => {
    await using server = await startShapedServer('--rate', '100', '--acquire-delay-ms', '15')
    await using client = await RawClient.open(server)
    const latencyMs = async () => {
      const tripsMs: number[] = []
      for (let round = 0; round < 20; round += 1) {
        tripsMs.push(await roundTripMs(client, PRODUCE_ONE))
        await exchange(client, [ACQUIRE])
      }
      return undisturbed(tripsMs)
    }
    await untilQuiet(latencyMs).toBeLessThan(2)
  })
})

async function roundTripMs(client: RawClient, frame: Buffer): Promise<number> {
  const sentNs = systemClock.nowNs()
  const [receivedNs = Number.NaN] = await exchange(client, [frame])
  return (receivedNs - sentNs) / NS_PER_MS
}

/** A tenth of the values is lower. What else runs on the machine adds to most, but not to all. */
function undisturbed(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)] ?? Number.NaN
}

/** Measures again while others use the machine: a wrong server is wrong in every quiet moment. */
function untilQuiet<T>(measure: () => Promise<T>) {
  return expect.poll(measure, { interval: 0, timeout: 20_000 })
}
