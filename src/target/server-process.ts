import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Duplex, type Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Clock } from '../clock.ts'
import { BenchError, messageOf } from '../errors.ts'
import { OutputTail } from './output-tail.ts'
import { endGroup } from './process-group.ts'
import type { ServerExit } from './server-exit.ts'
import { startWatchdog, type Watchdog } from './watchdog.ts'

/** A server in a process group of its own, guarded by a watchdog; disposing it ends the group. */
export interface ServerProcess extends AsyncDisposable {
  /** Of the leader, which is also the id of the group. */
  readonly pid: number
  readonly stdout: Readable
  /** File descriptor 3 of the server, if asked for. */
  readonly channel: Duplex | undefined
  /** Resolves when the leader has ended by itself; never once the process was disposed. */
  readonly exited: Promise<ServerExit>
  stderrLines(): readonly string[]
}

export interface ServerProcessOptions {
  readonly clock: Clock
  readonly cwd?: string | undefined
  readonly env: NodeJS.ProcessEnv
  readonly hasChannel?: boolean
}

/**
 * Waits for a line on stdin, then becomes the server. Whoever starts it lets it go only when the
 * watchdog knows its group: if we die before that, `read` fails and there is no server.
 */
const GATE = 'read -r go || exit; exec "$@" </dev/null'

/** Limit of the wait for the last output of an ended server: an escaped child may keep it open. */
const LAST_OUTPUT_LIMIT_MS = 200

/** Throws SERVER_START_FAILED if the process cannot be made; a bad `argv` shows as an early exit. */
export async function startServerProcess(
  argv: readonly string[],
  options: ServerProcessOptions,
): Promise<ServerProcess> {
  const { cwd, env, hasChannel = false } = options
  const watchdog = await startWatchdog()
  const child = spawn('/bin/sh', ['-c', GATE, 'sh', ...argv], {
    cwd,
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...(hasChannel ? (['pipe'] as const) : [])],
  })
  const { pid, stdin, stdout, stderr } = child
  if (pid === undefined || stdin === null || stdout === null || stderr === null) {
    const [cause] = await once(child, 'error')
    await watchdog.release()
    const place = cwd === undefined ? '' : ` in ${cwd}`
    throw new BenchError(
      'SERVER_START_FAILED',
      `Cannot start the server${place}: ${messageOf(cause)}`,
      { cause },
    )
  }
  const server = new GuardedProcess(child, { pid, stdout, stderr, watchdog, clock: options.clock })
  // The pipe breaks when the process is killed before it is let go; its exit tells of that.
  stdin.on('error', () => {})
  await watchdog.guard(pid)
  stdin.end('go\n')
  return server
}

interface Parts {
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  readonly watchdog: Watchdog
  readonly clock: Clock
}

class GuardedProcess implements ServerProcess {
  readonly pid: number
  readonly stdout: Readable
  readonly channel: Duplex | undefined
  readonly exited: Promise<ServerExit>
  readonly #parts: Parts
  readonly #tail = new OutputTail()
  #isDisposed = false
  #ending: Promise<void> | undefined

  constructor(child: ChildProcess, parts: Parts) {
    const channel = child.stdio[3]
    this.pid = parts.pid
    this.stdout = parts.stdout
    this.channel = channel instanceof Duplex ? channel : undefined
    this.#parts = parts
    parts.stderr.on('data', (chunk: Buffer) => this.#tail.push(chunk))
    this.exited = new Promise(resolve => {
      child.once('exit', (code, signal) => {
        if (!this.#isDisposed) resolve(this.#concludeExit(code, signal))
      })
    })
    void parts.watchdog.ended.then(() => this.#endUnguarded())
  }

  stderrLines(): readonly string[] {
    return this.#tail.lines()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true
    await this.#end()
  }

  async #concludeExit(code: number | null, signal: NodeJS.Signals | null): Promise<ServerExit> {
    this.#endUnheeded()
    await this.#untilLastOutput()
    const stderr = this.stderrLines()
    return signal === null
      ? { kind: 'code', code: code ?? 0, stderr }
      : { kind: 'signal', signal, stderr }
  }

  /** Without its watchdog the server would outlive us. */
  #endUnguarded(): void {
    if (this.#ending !== undefined) return
    this.#tail.push(
      Buffer.from('\nmamamia-bench: the watchdog was killed, so the server is ended\n'),
    )
    this.#endUnheeded()
  }

  /** A failure is thrown by the disposal, which shares the promise. */
  #endUnheeded(): void {
    this.#end().catch(() => {})
  }

  #end(): Promise<void> {
    // Once only: when the group is gone, its id can belong to strangers.
    this.#ending ??= this.#endOnce()
    return this.#ending
  }

  async #endOnce(): Promise<void> {
    const { pid, stdout, stderr, watchdog, clock } = this.#parts
    await endGroup(pid, clock)
    await watchdog.release()
    await this.#untilLastOutput()
    for (const stream of [stdout, stderr, this.channel]) stream?.destroy()
  }

  async #untilLastOutput(): Promise<void> {
    const { stderr, clock } = this.#parts
    const limit = new AbortController()
    const timer = clock.setTimer(() => limit.abort(), LAST_OUTPUT_LIMIT_MS)
    // Rejects at the limit, when the lines so far have to do.
    await finished(stderr, { writable: false, signal: limit.signal }).catch(() => {})
    timer.cancel()
  }
}
