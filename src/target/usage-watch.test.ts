import { describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { RawClient } from '../testing/raw-client.ts'
import { frameOf } from '../testing/session-peer.ts'
import { PRODUCE } from '../wire/frame.ts'
import type { GroupUsage } from './group-usage.ts'
import { startTarget } from './start-target.ts'
import { watchUsage } from './usage-watch.ts'

/** Tells one usage after the other; an error is thrown. */
function tells(...usages: readonly (GroupUsage | Error | undefined)[]) {
  const left = [...usages]
  return {
    usage: async () => {
      const usage = left.shift()
      if (usage instanceof Error) throw usage
      return usage
    },
    get left() {
      return left.length
    },
  }
}

function usage(cpuNs: number, memoryBytes: number): GroupUsage {
  return { cpuNs, memoryBytes }
}

describe('watchUsage()', () => {
  test('reads at its start, every 250 ms, and when it is stopped', async () => {
    const clock = new ManualClock()
    const target = tells(usage(100, 5), usage(200, 9), usage(300, 7), usage(450, 6))
    const watch = watchUsage(target, { clock })
    for (const left of [3, 2, 1]) {
      expect(target.left).toBe(left)
      await expect.poll(() => clock.pendingTimers).toBe(1)
      clock.advance(249)
      expect(target.left).toBe(left)
      if (left > 1) clock.advance(1)
    }
    expect(await watch.stop()).toEqual({ cpuNs: 350, memoryBytesMax: 9 })
    expect(target.left).toBe(0)
  })

  test.for([
    { name: 'only two readings', usages: [usage(1, 2), usage(4, 3)], cpuNs: 3, memoryBytesMax: 3 },
    { name: 'a target that cannot tell', usages: [undefined, undefined] },
    { name: 'a target that fails', usages: [new Error('gone'), new Error('gone')] },
    { name: 'a server that died', usages: [usage(1, 2), undefined], memoryBytesMax: 2 },
    { name: 'a late first reading', usages: [undefined, usage(1, 2)], memoryBytesMax: 2 },
    { name: 'CPU time that falls', usages: [usage(2, 2), usage(1, 1)], memoryBytesMax: 2 },
  ])('of $name tells no more than is known', async ({ usages, name: _, ...known }) => {
    const watch = watchUsage(tells(...usages), { clock: new ManualClock() })
    expect(await watch.stop()).toEqual(known)
  })

  test('makes one reading at a time, also when it is stopped during one', async () => {
    const clock = new ManualClock()
    const answers: (() => void)[] = []
    const target = {
      usage: () =>
        new Promise<GroupUsage>(resolve => {
          const reading = answers.length + 1
          answers.push(() => resolve(usage(reading, reading)))
        }),
    }
    const watch = watchUsage(target, { clock })
    clock.advance(10_000)
    expect(answers).toHaveLength(1)
    const stopped = watch.stop()
    clock.advance(10_000)
    expect(answers).toHaveLength(1)
    answers[0]?.()
    await expect.poll(() => answers).toHaveLength(2)
    answers[1]?.()
    expect(await stopped).toEqual({ cpuNs: 1, memoryBytesMax: 2 })
  })

  test('leaves no timer after it is stopped, and stops once', async () => {
    const clock = new ManualClock()
    const target = tells(usage(1, 1), usage(2, 2), usage(3, 3))
    const watch = watchUsage(target, { clock })
    await expect.poll(() => clock.pendingTimers).toBe(1)
    const [one, other] = await Promise.all([watch.stop(), watch.stop()])
    expect(other).toBe(one)
    expect(clock.pendingTimers).toBe(0)
    clock.advance(10_000)
    expect(target.left).toBe(1)
  })

  test('reads after the pause that it is given', async () => {
    const clock = new ManualClock()
    const target = tells(usage(1, 1), usage(2, 2), usage(3, 3))
    const watch = watchUsage(target, { clock, everyMs: 10 })
    await expect.poll(() => clock.pendingTimers).toBe(1)
    clock.advance(10)
    expect(target.left).toBe(1)
    expect(await watch.stop()).toEqual({ cpuNs: 2, memoryBytesMax: 3 })
  })
})

describe.runIf(process.platform === 'linux')('watchUsage() of a real server', () => {
  test('sees what the server used meanwhile, and nothing of before', async () => {
    await using target = await startTarget({ kind: 'embedded' })
    const before = await target.usage()
    const watch = watchUsage(target, { clock: systemClock, everyMs: 5 })
    await using client = await RawClient.open(target)
    const frame = frameOf(PRODUCE, { log_id: 'log', payload: Buffer.alloc(1024 ** 2, 1) })
    for (let sent = 0; sent < 40; sent += 1) client.send(frame)
    await expect.poll(() => client.answers).toHaveLength(40)

    const used = await watch.stop()
    const after = await target.usage()
    expect.assert(before !== undefined && after !== undefined)
    expect(used.cpuNs).toBeGreaterThan(0)
    expect(used.cpuNs).toBeLessThanOrEqual(after.cpuNs - before.cpuNs)
    expect(used.memoryBytesMax).toBeGreaterThan(before.memoryBytes + 30 * 1024 ** 2)
  })

  test('does not fail when the server dies', async () => {
    await using target = await startTarget({ kind: 'embedded' })
    const watch = watchUsage(target, { clock: systemClock, everyMs: 5 })
    expect.assert(target.pid !== undefined)
    process.kill(target.pid, 'SIGKILL')
    await target.exited
    await expect.poll(() => target.usage()).toBeUndefined()
    expect(await watch.stop()).toEqual({ memoryBytesMax: expect.any(Number) })
  })
})
