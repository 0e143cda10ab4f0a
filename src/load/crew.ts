import { Worker } from 'node:worker_threads'
import { type Clock, NS_PER_MS, systemClock } from '../clock.ts'
import { BenchError, messageOf } from '../errors.ts'
import { Tally } from '../measure/tally.ts'
import type { ThreadReport } from './phase.ts'
import type { PhasePlan } from './phase-plan.ts'
import type { ThreadCommand, ThreadMessage } from './thread.ts'
import type { ThreadUsage } from './thread-usage.ts'

/** Under Node the sources run as they are; in a package they are built. */
const THREAD_URL = new URL(
  import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js',
  import.meta.url,
)

/** An open loop starts so much later than its threads are told, so that none comes too late. */
const START_LEAD_NS = 5 * NS_PER_MS

/** How all threads of a phase ended. */
export interface PhaseEnd {
  readonly reports: readonly ThreadReport[]
  readonly usage: LoadUsage
}

/** What the load threads used in the timed part; absent where one of them cannot tell its own. */
export interface LoadUsage {
  readonly cpuNs?: number
  /** Of the busiest one. */
  readonly eventLoopUtilization?: number
}

/** A phase that is under way. */
export interface RunningPhase {
  /** Resolves when all connections stand and the threads are told to start; else never. */
  readonly started: Promise<void>
  /** Resolves when all producers of all threads have finished; never when one cannot. */
  readonly produced: Promise<void>
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

  readonly #clock: Clock

  constructor(threads: number, threadUrl = THREAD_URL, clock = systemClock) {
    this.#clock = clock
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
    const startNs = () => this.#clock.nowNs() + (plan.load.kind === 'open' ? START_LEAD_NS : 0)
    const produced = Promise.all(runs.map(run => run.produced))
    return {
      // A connection that fails before the start ends the phase; then nobody gets ready.
      started: Promise.all(runs.map(({ ready }) => ready)).then(() =>
        this.#tell({ kind: 'start', startNs: startNs() }),
      ),
      produced: produced.then(() => {
        if (plan.mode === 'concurrent') return
        this.#tell({ kind: 'consume', startNs: this.#clock.nowNs() })
      }),
      ended: Promise.all(ends).then(ended => ({
        reports: ended.map(({ report }) => report),
        usage: loadUsage(ended.map(({ usage }) => usage)),
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
  #resolveProduced: () => void = () => {}
  #resolveEnd: (end: ThreadEnd) => void = () => {}
  #crash: BenchError | undefined

  constructor(url: URL) {
    // What we inherit (loaders, conditions) is the test runner's business, not the load's.
    this.#worker = new Worker(url, { execArgv: [] })
    this.#worker.on('message', (message: ThreadMessage) => this.#receive(message))
    this.#worker.on('error', thrown => this.#crashed(messageOf(thrown), thrown))
    this.#worker.on('messageerror', thrown => this.#crashed(messageOf(thrown), thrown))
    // After an error this changes nothing more.
    this.#worker.on('exit', code => this.#crashed(`it ended with code ${code}`))
  }

  open(part: Extract<ThreadCommand, { kind: 'open' }>['part']): {
    readonly ready: Promise<void>
    readonly produced: Promise<void>
    readonly ended: Promise<ThreadEnd>
  } {
    const ready = new Promise<void>(resolve => {
      this.#resolveReady = resolve
    })
    const produced = new Promise<void>(resolve => {
      this.#resolveProduced = resolve
    })
    const ended = new Promise<ThreadEnd>(resolve => {
      this.#resolveEnd = resolve
    })
    if (this.#crash === undefined) this.tell({ kind: 'open', part })
    else this.#resolveEnd(crashed(this.#crash))
    return { ready, produced, ended }
  }

  #receive(message: ThreadMessage): void {
    switch (message.kind) {
      case 'ready':
        return this.#resolveReady()
      case 'produced':
        return this.#resolveProduced()
      case 'ended':
        return this.#resolveEnd(message)
      default:
        return message satisfies never
    }
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
  return { report }
}

function loadUsage(usages: readonly (ThreadUsage | undefined)[]): LoadUsage {
  let cpuNs: number | undefined = 0
  let eventLoopUtilization = 0
  for (const usage of usages) {
    if (usage === undefined) return {}
    cpuNs = cpuNs === undefined || usage.cpuNs === undefined ? undefined : cpuNs + usage.cpuNs
    eventLoopUtilization = Math.max(eventLoopUtilization, usage.eventLoopUtilization)
  }
  return { eventLoopUtilization, ...(cpuNs !== undefined && { cpuNs }) }
}
