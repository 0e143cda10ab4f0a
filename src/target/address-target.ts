import { type Address, formatAddress } from '../address.ts'
import type { Clock } from '../clock.ts'
import { BenchError } from '../errors.ts'
import type { Target } from './start-target.ts'
import { probeAddress } from './tcp-port.ts'

const PROBE_LIMIT_MS = 5_000

/** A server that somebody else runs: it is looked for once, and neither started nor stopped. */
export async function startAddressTarget(
  address: Address,
  options: { readonly signal?: AbortSignal | undefined; readonly clock: Clock },
): Promise<Target> {
  const { host, port } = address
  const probe = await probeAddress(address, { ...options, limitMs: PROBE_LIMIT_MS })
  if (probe.kind === 'failed') {
    throw new BenchError(
      'SERVER_UNREACHABLE',
      `Cannot reach the server at ${formatAddress(address)}: ${probe.reason}`,
      { cause: probe.cause },
    )
  }
  return {
    kind: 'address',
    host,
    port,
    pid: undefined,
    exited: new Promise(() => {}),
    stats: async () => undefined,
    usage: async () => undefined,
    [Symbol.asyncDispose]: async () => {},
  }
}
