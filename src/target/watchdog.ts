import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { BenchError, messageOf } from '../errors.ts'

/**
 * Ends a process group when this process dies without having stopped it, SIGKILL included.
 *
 * It is a process in a session of its own that blocks in `read` on a pipe whose other end only we
 * hold: the kernel closes that when we are gone. A group member that moved to another session
 * (`setsid`) is out of its reach.
 */
export interface Watchdog {
  readonly pid: number
  /** Resolves when the watchdog has ended, released or not. */
  readonly ended: Promise<void>
  /** Resolves when the watchdog will learn of `group` even if we die this instant. */
  guard(group: number): Promise<void>
  /** Call when the group is gone; resolves when the watchdog is gone too. */
  release(): Promise<void>
}

/**
 * A shell is up in 2 ms and 1 MiB, where Node takes 90 ms and 40 MiB; and it must not be Node for
 * another reason: NODE_OPTIONS of the user must not be able to break it. The tries and pauses make
 * 2 s between SIGTERM and SIGKILL. SIGCONT, since a stopped process does not act on SIGTERM.
 */
const SCRIPT = `
trap '' HUP INT TERM
read -r group || exit 0
read -r released && exit 0
kill -s TERM -- "-$group"
kill -s CONT -- "-$group"
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -s 0 -- "-$group" || exit 0
  sleep 0.1
done
kill -s KILL -- "-$group"
`

/** Throws SERVER_START_FAILED, since a server may not run unguarded. */
export async function startWatchdog(): Promise<Watchdog> {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'mamamia-watchdog'], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  if (child.pid === undefined) {
    const [cause] = await once(child, 'error')
    const message = `Cannot start the watchdog of the server: ${messageOf(cause)}`
    throw new BenchError('SERVER_START_FAILED', message, { cause })
  }
  return guardWith(child, child.pid)
}

function guardWith(child: ChildProcess & { stdin: NodeJS.WritableStream }, pid: number): Watchdog {
  const lifeline = child.stdin
  // The pipe breaks when the watchdog is killed; `ended` tells of that.
  lifeline.on('error', () => {})
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  return {
    pid,
    ended,
    guard: group => new Promise(resolve => lifeline.write(`${group}\n`, () => resolve())),
    release() {
      lifeline.end('released\n')
      return ended
    },
  }
}
