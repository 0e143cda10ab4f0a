import { randomBytes } from 'node:crypto'

/**
 * A log id that nobody has used: an external server keeps the logs of earlier runs, and reading one
 * of them would count its messages as ours. 72 random bits, and short, since every request has it.
 */
export function newLogId(): string {
  return `b-${randomBytes(9).toString('base64url')}`
}
