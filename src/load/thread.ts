import { parentPort } from 'node:worker_threads'
import { systemClock } from '../clock.ts'
import { mamamiaDriver } from '../driver/mamamia.ts'
import { Phase, type ThreadReport } from './phase.ts'
import type { ThreadPart } from './phase-plan.ts'
import { startThreadUsage, type ThreadUsage } from './thread-usage.ts'

/** What the crew tells a load thread. */
export type ThreadCommand =
  | { readonly kind: 'open'; readonly part: ThreadPart }
  | { readonly kind: 'start'; readonly startNs: number }
  | { readonly kind: 'consume'; readonly startNs: number }
  | { readonly kind: 'stop' }

/** What a load thread answers. */
export type ThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'produced' }
  /** `usage` is that of the timed part; absent when it never began. */
  | { readonly kind: 'ended'; readonly report: ThreadReport; readonly usage?: ThreadUsage }

if (parentPort === null) throw new Error('Cannot run outside a worker thread')
const port = parentPort

let phase: Phase | undefined
let mode: ThreadPart['plan']['mode'] = 'concurrent'
let readUsage: (() => ThreadUsage) | undefined
let usage: ThreadUsage | undefined

port.on('message', (command: ThreadCommand) => {
  switch (command.kind) {
    case 'open':
      phase = open(command.part)
      return
    case 'start':
      readUsage = startThreadUsage()
      phase?.start(command.startNs)
      return
    case 'consume':
      if (mode === 'drain') readUsage = startThreadUsage()
      phase?.consume(command.startNs)
      return
    case 'stop':
      phase?.stop()
      return
    default:
      return command satisfies never
  }
})

function open(part: ThreadPart): Phase {
  const { address } = part.plan
  mode = part.plan.mode
  readUsage = usage = undefined
  return new Phase(part, mamamiaDriver({ address }), systemClock, {
    ready: () => send({ kind: 'ready' }),
    produced() {
      if (mode === 'produce') usage = readUsage?.()
      send({ kind: 'produced' })
    },
    ended(report) {
      usage ??= readUsage?.()
      send({ kind: 'ended', report, ...(usage !== undefined && { usage }) })
    },
  })
}

function send(message: ThreadMessage): void {
  port.postMessage(message)
}
