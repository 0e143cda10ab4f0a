import { readdirSync, readFileSync } from 'node:fs'

export interface GroupMember {
  readonly pid: number
  /** Has ended, and waits for its parent to ask how. */
  readonly isZombie: boolean
  /** User and system time of the process with its ended threads, in ticks of 10 ms. */
  readonly ownTicks: number
  /** The same of the children that ended and that it waited for. */
  readonly childrenTicks: number
}

/** The processes of a process group by `/proc/<pid>/stat`; none where there is no Linux `/proc`. */
export function membersOf(group: number): readonly GroupMember[] {
  const members: GroupMember[] = []
  for (const pid of listProc('')) {
    const stat = /^\d+$/.test(pid) ? readProc(`${pid}/stat`) : undefined
    if (stat === undefined) continue
    // The second field is the command in parentheses, and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(fields[2]) !== group) continue
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields
      .slice(11, 15)
      .map(Number)
    members.push({
      pid: Number(pid),
      isZombie: fields[0] === 'Z' || fields[0] === 'X',
      ownTicks: user + system,
      childrenTicks: childrenUser + childrenSystem,
    })
  }
  return members
}

/** Empty for a process that has ended meanwhile, and where there is no Linux `/proc`. */
export function listProc(path: string): readonly string[] {
  try {
    return process.platform === 'linux' ? readdirSync(`/proc/${path}`) : []
  } catch {
    return []
  }
}

/** Undefined for a process that has ended meanwhile. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return undefined
  }
}
