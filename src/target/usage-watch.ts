import type { Clock, Timer } from '../clock.ts'
import type { GroupUsage } from './group-usage.ts'
import type { Target } from './start-target.ts'

export interface UsageWatch {
  /** Reads a last time. Never throws; every call returns the result of the first. */
  stop(): Promise<WatchedUsage>
}

/** What is absent was not to be had: on this platform, of this target, or of a dead server. */
export interface WatchedUsage {
  /** CPU time between the first reading and the last. */
  readonly cpuNs?: number
  /** The largest of the readings; a peak between two of them is not seen. */
  readonly memoryBytesMax?: number
}

const EVERY_MS = 250

/**
 * Reads what the server uses: now, then `everyMs` after each reading, and when stopped. One reading
 * is under way at a time, and no timer is left after `stop`.
 */
export function watchUsage(
  target: Pick<Target, 'usage'>,
  options: { readonly clock: Clock; readonly everyMs?: number },
): UsageWatch {
  const { clock, everyMs = EVERY_MS } = options
  let timer: Timer | undefined
  let memoryBytesMax: number | undefined
  let stopped: Promise<WatchedUsage> | undefined

  const read = async () => {
    const usage = await readUsage(target)
    if (usage !== undefined) memoryBytesMax = Math.max(memoryBytesMax ?? 0, usage.memoryBytes)
    if (stopped === undefined) timer = clock.setTimer(readAgain, everyMs)
    return usage
  }
  const first = read()
  let reading: Promise<unknown> = first
  const readAgain = () => {
    reading = read()
  }
  const stop = async () => {
    timer?.cancel()
    await reading
    return watchedUsage(await first, await read(), memoryBytesMax)
  }
  return {
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}

async function readUsage(target: Pick<Target, 'usage'>): Promise<GroupUsage | undefined> {
  try {
    return await target.usage()
  } catch {
    return undefined
  }
}

function watchedUsage(
  first: GroupUsage | undefined,
  last: GroupUsage | undefined,
  memoryBytesMax: number | undefined,
): WatchedUsage {
  const memory = memoryBytesMax === undefined ? {} : { memoryBytesMax }
  // The sum falls when a process of the group leaves that nobody waited for.
  if (first === undefined || last === undefined || last.cpuNs < first.cpuNs) return memory
  return { cpuNs: last.cpuNs - first.cpuNs, ...memory }
}
