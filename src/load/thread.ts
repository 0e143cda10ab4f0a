import { parentPort } from 'node:worker_threads'
import { systemClock } from '../clock.ts'
import { mamamiaDriver } from '../driver/mamamia.ts'
import { Phase, type ThreadReport } from './phase.ts'
import type { ThreadPart } from './phase-plan.ts'

/** What the crew tells a load thread. */
export type ThreadCommand =
  | { readonly kind: 'open'; readonly part: ThreadPart }
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }

/** What a load thread answers. */
export type ThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ended'; readonly report: ThreadReport; readonly cpuNs: number | undefined }

if (parentPort === null) throw new Error('Cannot run outside a worker thread')
const port = parentPort

let phase: Phase | undefined
let cpuAtStartNs: number | undefined

port.on('message', (command: ThreadCommand) => {
  switch (command.kind) {
    case 'open':
      phase = open(command.part)
      return
    case 'start':
      cpuAtStartNs = cpuNs()
      phase?.start()
      return
    case 'stop':
      phase?.stop()
      return
    default:
      return command satisfies never
  }
})

function open(part: ThreadPart): Phase {
  const { address, payloadBytes } = part.plan
  return new Phase(part, mamamiaDriver({ address, payloadBytes }), systemClock, {
    ready: () => send({ kind: 'ready' }),
    ended(report) {
      const now = cpuNs()
      const spent = now === undefined || cpuAtStartNs === undefined ? undefined : now - cpuAtStartNs
      send({ kind: 'ended', report, cpuNs: spent })
    },
  })
}

function send(message: ThreadMessage): void {
  port.postMessage(message)
}

/** CPU time of this thread; Node 22 cannot tell it. */
function cpuNs(): number | undefined {
  const usage = (process as { threadCpuUsage?: () => NodeJS.CpuUsage }).threadCpuUsage?.()
  return usage === undefined ? undefined : (usage.user + usage.system) * 1000
}
