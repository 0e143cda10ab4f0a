import { type Clock, systemClock } from '../clock.ts'
import type { ServerTarget } from '../config/scenario.ts'
import { startAddressTarget } from './address-target.ts'
import { startCommandTarget } from './command-target.ts'
import { startEmbeddedTarget } from './embedded-target.ts'
import type { GroupUsage } from './group-usage.ts'
import type { ServerExit } from './server-exit.ts'

/** The server under test, accepting connections; disposing it stops whatever was started for it. */
export interface Target extends AsyncDisposable {
  readonly kind: ServerTarget['kind']
  readonly host: string
  readonly port: number
  /** The leader of the server's process group; undefined for an address. */
  readonly pid: number | undefined
  /** Resolves when the server ends by itself; never when it is stopped, and never for an address. */
  readonly exited: Promise<ServerExit>
  /** Counters of the embedded server; undefined for servers that have none. */
  stats(): Promise<unknown>
  /** CPU time and memory of the server's process group so far; undefined where unknown. */
  usage(): Promise<GroupUsage | undefined>
}

export interface TargetOptions {
  /** Gives up a start that is under way: what was started is ended, and the reason is thrown. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
  /** Further arguments for the process entry of the embedded server. */
  readonly embeddedArgs?: readonly string[] | undefined
}

/**
 * Starts or finds the server and returns it once it accepts connections.
 *
 * A server that we start runs in a process group of its own, which ends with the target, with the
 * server's first process, and with this process, however that dies. Throws SERVER_START_FAILED or
 * SERVER_UNREACHABLE; nothing is left running then.
 */
export async function startTarget(
  server: ServerTarget,
  options: TargetOptions = {},
): Promise<Target> {
  const { signal, clock = systemClock, embeddedArgs = [] } = options
  signal?.throwIfAborted()
  switch (server.kind) {
    case 'embedded':
      return startEmbeddedTarget({ signal, clock, args: embeddedArgs })
    case 'command':
      return startCommandTarget(server, { signal, clock })
    case 'address':
      return startAddressTarget(server, { signal, clock })
    default:
      return server satisfies never
  }
}
