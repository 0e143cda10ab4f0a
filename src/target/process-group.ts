import { type Clock, NS_PER_MS, pause } from '../clock.ts'
import { BenchError } from '../errors.ts'
import { membersOf } from './group-members.ts'

const TERMINATE_LIMIT_MS = 5_000
const KILL_LIMIT_MS = 2_000
const POLL_MS = 10

/** Ends every process of the group: SIGTERM, and SIGKILL for what is left after 5 s. */
export async function endGroup(group: number, clock: Clock): Promise<void> {
  signalGroup(group, 'SIGTERM')
  // A stopped process acts on SIGTERM only once it goes on.
  signalGroup(group, 'SIGCONT')
  if (await untilGone(group, TERMINATE_LIMIT_MS, clock)) return
  signalGroup(group, 'SIGKILL')
  if (await untilGone(group, KILL_LIMIT_MS, clock)) return
  throw new BenchError(
    'INTERNAL',
    `Cannot end process group ${group}: it still runs ${KILL_LIMIT_MS} ms after SIGKILL`,
  )
}

async function untilGone(group: number, limitMs: number, clock: Clock): Promise<boolean> {
  const deadlineNs = clock.nowNs() + limitMs * NS_PER_MS
  while (isGroupRunning(group)) {
    if (clock.nowNs() >= deadlineNs) return false
    await pause(clock, POLL_MS)
  }
  return true
}

function isGroupRunning(group: number): boolean {
  if (!signalGroup(group, 0)) return false
  // A zombie whose parent never waits for it answers signals for ever, yet runs no more.
  return process.platform !== 'linux' || membersOf(group).some(member => !member.isZombie)
}

/** Returns whether the group still has members, zombies included. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal)
    return true
  } catch (thrown) {
    // EPERM is for a group that exists, but that has changed its user.
    return !hasCode(thrown, 'ESRCH')
  }
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code
}
