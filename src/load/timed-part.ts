import type { Clock } from '../clock.ts'
import type { Mode } from '../config/scenario.ts'
import type { LoadUsage, RunningPhase } from './crew.ts'

/** Watches what the server uses until it is stopped; never throws. */
export interface ServerWatch {
  stop(): Promise<ServerUsage>
}

/** What is absent could not be known. */
export interface ServerUsage {
  readonly cpuNs?: number
  readonly memoryBytesMax?: number
}

/** What both sides used in the timed part of a phase. */
export interface PartUsage {
  readonly server: ServerUsage
  readonly load: LoadUsage
  /** How long the timed part took; 0 when it never began. */
  readonly wallNs: number
}

/**
 * Watches the server in the part of a phase that `mode` times: all of it, until everything is
 * produced, or from then on. The returned function ends it.
 */
export function watchTimedPart(
  phase: RunningPhase,
  mode: Mode,
  options: { readonly clock: Clock; readonly watchServer?: (() => ServerWatch) | undefined },
): () => Promise<Omit<PartUsage, 'load'>> {
  const { clock, watchServer } = options
  let part: { readonly watch: ServerWatch | undefined; readonly startNs: number } | undefined
  let ended: Promise<Omit<PartUsage, 'load'>> | undefined
  const end = async () => {
    if (part === undefined) return { server: {}, wallNs: 0 }
    const wallNs = clock.nowNs() - part.startNs
    return { server: (await part.watch?.stop()) ?? {}, wallNs }
  }
  const begins = mode === 'drain' ? phase.produced : phase.started
  begins.then(() => {
    // Nobody would stop what begins after the end.
    if (ended === undefined) part = { watch: watchServer?.(), startNs: clock.nowNs() }
  })
  if (mode === 'produce') {
    phase.produced.then(() => {
      ended ??= end()
    })
  }
  return () => {
    ended ??= end()
    return ended
  }
}
