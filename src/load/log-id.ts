import { randomBytes } from 'node:crypto'

/** Process ids repeat across machines and containers, and workers of a process share one. */
const PROCESS_ID = `${process.pid.toString(36)}-${randomBytes(4).toString('hex')}`

let counter = 0

/**
 * A log id that nobody has used: an external server keeps the logs of earlier runs, and reading
 * one of them would count its messages as ours.
 */
export function newLogId(): string {
  counter += 1
  return `bench-${Date.now().toString(36)}-${PROCESS_ID}-${counter}`
}
