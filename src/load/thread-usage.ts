import { performance } from 'node:perf_hooks'

/** What the calling thread has used since `startThreadUsage`. */
export interface ThreadUsage {
  /** User and system time; Node 22 cannot tell it. */
  readonly cpuNs: number | undefined
  /** The share of time in which the event loop did not wait for events, from 0 to 1. */
  readonly eventLoopUtilization: number
}

/** Returns a function that tells what was used up to its call; it can be called again. */
export function startThreadUsage(): () => ThreadUsage {
  const cpuAtStartNs = threadCpuNs()
  const loopAtStart = performance.eventLoopUtilization()
  return () => {
    const nowNs = threadCpuNs()
    const { utilization } = performance.eventLoopUtilization(loopAtStart)
    return {
      cpuNs: nowNs === undefined || cpuAtStartNs === undefined ? undefined : nowNs - cpuAtStartNs,
      // No time has passed when it is no number, nor has any before the loop of a thread begins.
      eventLoopUtilization: Number.isFinite(utilization) ? utilization : 0,
    }
  }
}

function threadCpuNs(): number | undefined {
  const usage = (process as { threadCpuUsage?: () => NodeJS.CpuUsage }).threadCpuUsage?.()
  return usage === undefined ? undefined : (usage.user + usage.system) * 1000
}
