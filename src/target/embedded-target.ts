import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Address } from '../address.ts'
import type { Clock } from '../clock.ts'
import { readGroupUsage } from './group-usage.ts'
import { startServerProcess } from './server-process.ts'
import type { Target } from './start-target.ts'
import { StatsChannel } from './stats-channel.ts'
import { untilReady } from './until-ready.ts'

const READY_LIMIT_MS = 10_000

/** The server beside us, as source or as built; its code is never loaded here. */
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../server/main.ts' : '../server/main.js',
    import.meta.url,
  ),
)

export interface EmbeddedOptions {
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
  readonly args: readonly string[]
  /** Another process entry that keeps the same contract. */
  readonly entry?: string
}

/** Runs the embedded server with the Node that runs us, on a port of its own choice. */
export async function startEmbeddedTarget(options: EmbeddedOptions): Promise<Target> {
  const { clock, signal, args, entry = ENTRY } = options
  // NODE_OPTIONS is for our own process: an inspector port or a hook must not follow us.
  const { NODE_OPTIONS: _, ...env } = process.env
  const server = await startServerProcess(
    [process.execPath, entry, '--port', '0', '--channel-fd', '3', ...args],
    { clock, env, hasChannel: true },
  )
  const { host, port } = await untilReady(server, {
    name: 'of this package',
    limitMs: READY_LIMIT_MS,
    clock,
    signal,
    ready: () => untilAnnounced(server.stdout),
    describeDelay: () => 'it does not say "listening on"',
  })
  const channel = server.channel && new StatsChannel(server.channel, clock)
  return {
    kind: 'embedded',
    host,
    port,
    pid: server.pid,
    exited: server.exited,
    stats: async () => channel?.request(),
    usage: async () => readGroupUsage(server.pid),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const ANNOUNCEMENT = /^listening on \[?(.+?)\]?:(\d+)\r?\n/m
const ANNOUNCEMENT_CHARACTERS_MAX = 4096

/** Resolves with the address that the server says it listens on; further output is dropped. */
function untilAnnounced(stdout: Readable): Promise<Address> {
  let text = ''
  return new Promise(resolve => {
    const read = (chunk: Buffer) => {
      text = (text + chunk.toString('latin1')).slice(-ANNOUNCEMENT_CHARACTERS_MAX)
      const [, host, port] = ANNOUNCEMENT.exec(text) ?? []
      if (host === undefined) return
      stdout.off('data', read).resume()
      resolve({ host, port: Number(port) })
    }
    stdout.on('data', read)
  })
}
