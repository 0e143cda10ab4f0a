import type { Address } from '../address.ts'
import { type Clock, pause } from '../clock.ts'
import type { ServerTarget } from '../config/scenario.ts'
import { readGroupUsage } from './group-usage.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'
import type { Target } from './start-target.ts'
import { findFreePort, probeAddress } from './tcp-port.ts'
import { untilReady } from './until-ready.ts'

type CommandSetting = Extract<ServerTarget, { kind: 'command' }>

interface CommandOptions {
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

/** Runs the user's command with a free port and waits until something accepts there. */
export async function startCommandTarget(
  setting: CommandSetting,
  options: CommandOptions,
): Promise<Target> {
  const port = await findFreePort()
  const command = setting.command.replaceAll('{port}', String(port))
  // No `exec` before the command: it would break `cd x && y` and `A=1 y`, and a shell becomes a
  // single command by itself. The environment is ours as in a terminal, passed on unread.
  const server = await startServerProcess(['/bin/sh', '-c', command], {
    clock: options.clock,
    cwd: setting.cwd,
    env: { ...process.env, ...setting.env, MAMAMIA_PORT: String(port) },
  })
  server.stdout.resume()
  const { host } = await untilCommandAccepts(server, { ...options, setting, port })
  return {
    kind: 'command',
    host,
    port,
    pid: server.pid,
    exited: server.exited,
    stats: async () => undefined,
    usage: async () => readGroupUsage(server.pid),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Exported for the test of a port that a stranger listens on. */
export function untilCommandAccepts(
  server: ServerProcess,
  options: CommandOptions & { readonly setting: CommandSetting; readonly port: number },
): Promise<Address> {
  const { setting, port, clock, signal } = options
  const isPortUsed = /\{port\}|MAMAMIA_PORT/.test(setting.command)
  const hint = isPortUsed ? '' : ' (the command mentions neither {port} nor $MAMAMIA_PORT)'
  return untilReady(server, {
    name: JSON.stringify(setting.command),
    limitMs: setting.readyTimeoutMs,
    clock,
    signal,
    ready: until => untilAccepting(port, { clock, signal: until }),
    describeDelay: () => `nothing accepts connections at 127.0.0.1:${port}${hint}`,
  })
}

/** `localhost` of some servers is IPv6 only. */
const LOOPBACK_HOSTS = ['127.0.0.1', '::1']
const PROBE_LIMIT_MS = 1_000
const PROBE_PAUSE_MS = 20

/** How long our process has to live on beside an open port before we believe that it opened it. */
const GRACE_MS = 100

async function untilAccepting(
  port: number,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Address> {
  const { clock, signal } = options
  for (;;) {
    const isOpen = (await findAcceptingHost(port, options)) !== undefined
    await pause(clock, isOpen ? GRACE_MS : PROBE_PAUSE_MS, signal)
    if (!isOpen) continue
    // Asked again, so that a server for both is not taken for IPv6 only because it came up between.
    const host = await findAcceptingHost(port, options)
    if (host !== undefined) return { host, port }
  }
}

async function findAcceptingHost(
  port: number,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<string | undefined> {
  for (const host of LOOPBACK_HOSTS) {
    const probe = await probeAddress({ host, port }, { ...options, limitMs: PROBE_LIMIT_MS })
    if (probe.kind === 'accepted') return host
  }
  return undefined
}
