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

/** Enough for a machine that does other things: what is later is wrong, and not only late. */
const LATE_NS_MAX = 1000 * NS_PER_MS

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
    const trips = delays.map(delay => ({ ...delay, tripsMs: [] as number[] }))
    const undelayedMs: number[] = []
    for (let round = 0; round < 100; round += 1) {
      undelayedMs.push(await roundTripMs(client, UNDELAYED))
      for (const { frame, tripsMs } of trips) tripsMs.push(await roundTripMs(client, frame))
    }

    for (const { option, delayMs, tripsMs } of trips) {
      const leastMs = Math.min(...tripsMs)
      expect(leastMs, option).toBeGreaterThanOrEqual(delayMs)
      expect(leastMs, option).toBeLessThan(1.05 * delayMs + 0.2 + medianOf(undelayedMs))
    }
  })

  test('lets pipelined requests wait side by side', async () => {
    await using server = await startShapedServer('--settle-delay-ms', '100')
    await using client = await RawClient.open(server)
    const sentNs = systemClock.nowNs()
    const receivedNs = await exchange(client, Array(100).fill(SETTLE_ONE))
    expect((receivedNs[99] ?? 0) - sentNs).toBeLessThan(50 * 100 * NS_PER_MS)
  })

  test('does nothing in its pause, and goes on when that ends', async () => {
    await using server = await startShapedServer('--pause-at-ms', '100', '--pause-ms', '400')
    await using client = await RawClient.open(server)
    const startedNs = systemClock.nowNs()
    const receivedNs: number[] = []
    while (server.pause() === undefined) receivedNs.push(...(await exchange(client, [PRODUCE_ONE])))
    receivedNs.push(...(await exchange(client, [PRODUCE_ONE])))

    const { beganNs, endedNs } = server.pause() ?? { beganNs: 0, endedNs: 0 }
    const pauseNs = endedNs - beganNs
    expect(beganNs).toBeGreaterThan(startedNs + 100 * NS_PER_MS)
    expect(pauseNs).toBeGreaterThanOrEqual(400 * NS_PER_MS)
    expect(pauseNs).toBeLessThan(400 * NS_PER_MS + LATE_NS_MAX)
    // One answer may have been under way when it began.
    const during = receivedNs.filter(ns => ns > beganNs && ns < endedNs)
    expect(during.length).toBeLessThanOrEqual(1)
    const nextNs = receivedNs.find(ns => ns >= endedNs) ?? 0
    expect(nextNs).toBeLessThan(endedNs + LATE_NS_MAX)
  })

  test('accepts messages at its rate and no faster, on all connections together', async () => {
    const rate = 2_000
    await using server = await startShapedServer('--rate', String(rate))
    await using one = await RawClient.open(server)
    await using other = await RawClient.open(server)
    const burst = Array(500).fill(PRODUCE_ONE)
    const sentNs = systemClock.nowNs()
    const received = await Promise.all([exchange(one, burst), exchange(other, burst)])

    const sinceNs = received.flat().map(ns => ns - sentNs)
    sinceNs.sort((a, b) => a - b)
    // The one with index n has its turn after n/rate.
    const slowness = sinceNs.map((ns, index) => ns / ((index * NS_PER_SECOND) / rate))
    expect(Math.min(...slowness)).toBeGreaterThanOrEqual(1)
    // Whatever holds up one answer does not hold up all of them.
    expect(Math.min(...slowness.slice(500))).toBeLessThan(1.05)
  })

  test('answers at once below its rate', async () => {
    await using server = await startShapedServer('--rate', '100', '--acquire-delay-ms', '15')
    await using client = await RawClient.open(server)
    const tripsMs: number[] = []
    for (let round = 0; round < 20; round += 1) {
      tripsMs.push(await roundTripMs(client, PRODUCE_ONE))
      await exchange(client, [ACQUIRE])
    }

    // Half of what a turn takes.
    expect(Math.min(...tripsMs)).toBeLessThan(5)
  })
})

async function roundTripMs(client: RawClient, frame: Buffer): Promise<number> {
  const sentNs = systemClock.nowNs()
  const [receivedNs = Number.NaN] = await exchange(client, [frame])
  return (receivedNs - sentNs) / NS_PER_MS
}

/** Disturbed like most; what else runs on the machine does not add to the least of a hundred. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
