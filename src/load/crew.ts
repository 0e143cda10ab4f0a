import { Worker } from 'node:worker_threads'
import { BenchError } from '../errors.ts'
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
  readonly ended: Promise<PhaseEnd>
  /** Ends it early; `ended` follows. */
  stop(): void
}

/** The load threads of a scenario: started once, they run its phases one after the other. */
export class Crew implements AsyncDisposable {
  readonly #threads: readonly LoadThread[]

  constructor(threads: number) {
    this.#threads = Array.from({ length: threads }, () => new LoadThread())
  }

  /** Opens all connections of a phase, then starts every thread; one failing thread stops all. */
  async run(
    plan: PhasePlan,
    shared: { readonly ledger: SharedArrayBuffer; readonly board: SharedArrayBuffer },
  ): Promise<RunningPhase> {
    const threads = this.#threads.length
    const ends = this.#threads.map((thread, index) =>
      thread.open({ plan, thread: index, threads, ...shared }),
    )
    const stop = () => this.#tell({ kind: 'stop' })
    const ended = Promise.all(
      ends.map(async end => {
        const { report, cpuNs } = await end
        if (report.failure !== undefined) stop()
        return { report, cpuNs }
      }),
    ).then(ended => ({ reports: ended.map(({ report }) => report), cpuNs: total(ended) }))
    // A connection that fails before the start ends the phase; then nobody gets ready.
    const isReady = await Promise.race([
      Promise.all(this.#threads.map(thread => thread.ready)).then(() => true),
      ended.then(() => false),
    ])
    if (isReady) this.#tell({ kind: 'start' })
    return { ended, stop }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.terminate()))
  }

  #tell(command: ThreadCommand): void {
    for (const thread of this.#threads) thread.tell(command)
  }
}

type ThreadEnd = Extract<ThreadMessage, { kind: 'ended' }>

class LoadThread {
  // What we inherit (loaders, conditions) is the test runner's business, not the load's.
  readonly #worker = new Worker(THREAD_URL, { execArgv: [] })
  #resolveReady: () => void = () => {}
  #resolveEnd: (end: ThreadEnd) => void = () => {}
  #rejectEnd: (error: BenchError) => void = () => {}
  #crash: BenchError | undefined
  ready: Promise<void> = Promise.resolve()

  constructor() {
    this.#worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'ready') this.#resolveReady()
      else this.#resolveEnd(message)
    })
    this.#worker.on('error', thrown => {
      this.#crash = BenchError.from(thrown)
      this.#rejectEnd(this.#crash)
    })
  }

  open(part: Extract<ThreadCommand, { kind: 'open' }>['part']): Promise<ThreadEnd> {
    this.ready = new Promise(resolve => {
      this.#resolveReady = resolve
    })
    return new Promise((resolve, reject) => {
      if (this.#crash !== undefined) return reject(this.#crash)
      this.#resolveEnd = resolve
      this.#rejectEnd = reject
      this.tell({ kind: 'open', part })
    })
  }

  tell(command: ThreadCommand): void {
    this.#worker.postMessage(command)
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }
}

function total(ends: readonly { readonly cpuNs: number | undefined }[]): number | undefined {
  let sum = 0
  for (const { cpuNs } of ends) {
    if (cpuNs === undefined) return undefined
    sum += cpuNs
  }
  return sum
}
