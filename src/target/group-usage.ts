import { type GroupMember, listProc, membersOf, readProc } from './group-members.ts'

export interface GroupUsage {
  /** CPU time since the processes started, of ended children too once they were waited for. */
  readonly cpuNs: number
  /** Resident memory; pages that processes share count for each of them. */
  readonly memoryBytes: number
}

/** Linux counts in hundredths of a second in `/proc`, whatever the kernel's own tick. */
const NS_PER_TICK = 1e7

/**
 * What the processes of the group have used so far; undefined where there is no Linux `/proc`, and
 * for a group without processes.
 *
 * CPU time is the sum over `/proc/<pid>/task/<tid>/schedstat`, exact to the scheduler's nanoseconds
 * but blind to threads that have ended; `/proc/<pid>/stat` knows those, in ticks of 10 ms. The larger
 * of the two counts. Of ended children only the ticks are known. Memory is VmRSS of
 * `/proc/<pid>/status`.
 */
export function readGroupUsage(group: number): GroupUsage | undefined {
  const members = membersOf(group)
  if (members.length === 0) return undefined
  return {
    cpuNs: sum(members.map(cpuNs)),
    memoryBytes: sum(members.map(member => residentBytes(member.pid))),
  }
}

function cpuNs({ pid, ownTicks, childrenTicks }: GroupMember): number {
  const threadsNs = listProc(`${pid}/task`).map(thread => {
    return Number(readProc(`${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0)
  })
  return Math.max(sum(threadsNs), ownTicks * NS_PER_TICK) + childrenTicks * NS_PER_TICK
}

function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s*(\d+) kB$/m.exec(readProc(`${pid}/status`) ?? '') ?? []
  return Number(kibibytes ?? 0) * 1024
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
