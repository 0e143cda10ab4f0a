import { z } from 'zod'
import { readAddress } from '../address.ts'
import { showValue, takes, text, whole } from './field.ts'
import type { ServerTarget } from './scenario.ts'

const READY_TIMEOUT_MS = 10_000
const READY_TIMEOUT_MS_MAX = 3_600_000

/** The server under test, from any of its three spellings. */
export const serverSchema = z
  .union(
    [
      z.literal('embedded'),
      z.strictObject({
        addr: addressText().optional().describe('host:port of a server that runs already.'),
        command: text('a command line', 10_000)
          .optional()
          .describe('Command that starts the server; {port} stands for the port to listen on.'),
        readyTimeoutMs: whole(1, READY_TIMEOUT_MS_MAX)
          .optional()
          .meta({ default: READY_TIMEOUT_MS })
          .describe('How long the command may take until the server accepts connections.'),
        cwd: text('a directory', 4096).optional().describe('Directory the command runs in.'),
        env: z
          .record(z.string(), z.string(takes('text')), takes('an object of environment variables'))
          .optional()
          .describe('Environment variables of the command, added to our own.'),
      }),
    ],
    takes('"embedded", { "addr": "host:port" } or { "command": "..." }'),
  )
  .transform((server, context): ServerTarget => {
    if (server === 'embedded') return { kind: 'embedded' }
    const { addr, command, readyTimeoutMs, cwd, env } = server
    const ofCommand = { readyTimeoutMs, cwd, env }
    const stray = Object.entries(ofCommand).find(([, value]) => value !== undefined)
    if (command !== undefined && addr === undefined) {
      return {
        kind: 'command',
        command,
        readyTimeoutMs: readyTimeoutMs ?? READY_TIMEOUT_MS,
        env: env ?? {},
        ...(cwd !== undefined && { cwd }),
      }
    }
    if (command === undefined && addr !== undefined && stray === undefined) return addr
    if (command !== undefined) {
      context.addIssue('Cannot use addr and command together: a server has one of them')
    } else if (addr === undefined) {
      context.addIssue('Cannot use a server without addr and command: it takes one of them')
    } else {
      const [key = ''] = stray ?? []
      const message = `Cannot use ${key} with addr: it belongs to command`
      context.addIssue({ code: 'custom', path: [key], message })
    }
    return z.NEVER
  })

function addressText() {
  return z.string(takes('host:port')).transform((text, context) => {
    const address = readAddress(text)
    if (address.kind === 'address') return address
    context.addIssue(`Cannot use ${showValue(text)} as addr: ${address.reason}`)
    return z.NEVER
  })
}
