import { Worker } from 'node:worker_threads'
import { BenchError, messageOf } from '../errors.ts'
import { Tally } from '../measure/tally.ts'
import type { ThreadReport } from './phase.ts'
import type { PhasePlan } from './phase-plan.ts'
import type { ThreadCommand, ThreadMessage } from './thread.ts'

/** Under Node the sources run as they are; in a package they are built. */
const THREAD_URL = new URL(
  import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js',
  import.meta.url,
)

/** How all threads of a phase ended; CPU time is absent where a thread cannot tell its own. */
export interface PhaseEnd {
  readonly reports: readonly ThreadReport[]
  readonly cpuNs: number | undefined
}

/** A phase that is under way. */
export interface RunningPhase {
  /** Resolves when all connections stand and the threads are told to start; else never. */
  readonly started: Promise<void>
  /** Never rejects: a thread that crashed is a report with a failure. */
  readonly ended: Promise<PhaseEnd>
  /** Ends it early; `ended` follows, unless a thread hangs. */
  stop(): void
  /** Takes threads that have not ended for crashed; `ended` follows at once. */
  abandon(reason: string): void
}

/** The load threads of a scenario: started once, they run its phases one after the other. */
export class Crew implements AsyncDisposable {
  readonly #threads: readonly LoadThread[]

  constructor(threads: number, threadUrl = THREAD_URL) {
    this.#threads = Array.from({ length: threads }, () => new LoadThread(threadUrl))
  }

  /** Opens all connections of a phase, then starts every thread; one failing thread stops all. */
  run(
    plan: PhasePlan,
    shared: { readonly ledger: SharedArrayBuffer; readonly board: SharedArrayBuffer },
  ): RunningPhase {
    const threads = this.#threads.length
    const runs = this.#threads.map((thread, index) =>
      thread.open({ plan, thread: index, threads, ...shared }),
    )
    const stop = () => this.#tell({ kind: 'stop' })
    const ends = runs.map(async ({ ended }) => {
      const end = await ended
      if (end.report.failure !== undefined) stop()
      return end
    })
    return {
      // A connection that fails before the start ends the phase; then nobody gets ready.
      started: Promise.all(runs.map(({ ready }) => ready)).then(() =>
        this.#tell({ kind: 'start' }),
      ),
      ended: Promise.all(ends).then(ended => ({
        reports: ended.map(({ report }) => report),
        cpuNs: total(ended),
      })),
      stop,
      abandon: reason => {
        for (const thread of this.#threads) thread.abandon(reason)
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.terminate()))
  }

  #tell(command: ThreadCommand): void {
    for (const thread of this.#threads) thread.tell(command)
  }
}

type ThreadEnd = Omit<Extract<ThreadMessage, { kind: 'ended' }>, 'kind'>

class LoadThread {
  readonly #worker: Worker
  #resolveReady: () => void = () => {}
  #resolveEnd: (end: ThreadEnd) => void = () => {}
  #crash: BenchError | undefined

  constructor(url: URL) {
    // What we inherit (loaders, conditions) is the test runner's business, not the load's.
    this.#worker = new Worker(url, { execArgv: [] })
    this.#worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'ready') this.#resolveReady()
      else this.#resolveEnd(message)
    })
    this.#worker.on('error', thrown => this.#crashed(messageOf(thrown), thrown))
    this.#worker.on('messageerror', thrown => this.#crashed(messageOf(thrown), thrown))
    // After an error this changes nothing more.
    this.#worker.on('exit', code => this.#crashed(`it ended with code ${code}`))
  }

  open(part: Extract<ThreadCommand, { kind: 'open' }>['part']): {
    readonly ready: Promise<void>
    readonly ended: Promise<ThreadEnd>
  } {
    const ready = new Promise<void>(resolve => {
      this.#resolveReady = resolve
    })
    const ended = new Promise<ThreadEnd>(resolve => {
      this.#resolveEnd = resolve
    })
    if (this.#crash === undefined) this.tell({ kind: 'open', part })
    else this.#resolveEnd(crashed(this.#crash))
    return { ready, ended }
  }

  tell(command: ThreadCommand): void {
    this.#worker.postMessage(command)
  }

  abandon(reason: string): void {
    this.#crashed(reason)
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  /** Harmless for a phase that the thread has reported the end of. */
  #crashed(reason: string, cause?: unknown): void {
    this.#crash ??= new BenchError('INTERNAL', `A load thread failed: ${reason}`, { cause })
    this.#resolveEnd(crashed(this.#crash))
  }
}

/** What it has counted is lost with it, so that nothing can be claimed any more. */
function crashed({ code, message }: BenchError): ThreadEnd {
  const report: ThreadReport = {
    tally: new Tally().toData(),
    openProduces: 0,
    openConsumes: 0,
    foundNothingSinceNs: 0,
    failure: { code, message },
  }
  return { report, cpuNs: undefined }
}

function total(ends: readonly { readonly cpuNs: number | undefined }[]): number | undefined {
  let sum = 0
  for (const { cpuNs } of ends) {
    if (cpuNs === undefined) return undefined
    sum += cpuNs
  }
  return sum
}
