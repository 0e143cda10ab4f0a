import { BenchError } from './errors.ts'

export interface Address {
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
}

const PORT_MAX = 65_535
/** A host name or IPv4 address, or an IPv6 address in brackets, then the port. */
const HOST_AND_PORT = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:[\]]+)):(\d{1,5})$/

/** Reads `localhost:9000` or `[::1]:9000`; throws `CONFIG_INVALID` with the reason and the value. */
export function parseAddress(text: string): Address {
  const match = HOST_AND_PORT.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port < 1 || port > PORT_MAX) {
    const message = `Cannot use the address ${JSON.stringify(text)}: ${problemOf(text, host)}`
    throw new BenchError('CONFIG_INVALID', message)
  }
  return { host, port }
}

export function formatAddress(address: Address): string {
  const { host, port } = address
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function problemOf(text: string, host: string | undefined): string {
  if (host !== undefined) return `its port must be 1 to ${PORT_MAX}`
  if (text.startsWith(':')) return 'it has no host'
  if (!text.includes(':')) return 'it has no port'
  return 'it must be HOST:PORT, or [HOST]:PORT for IPv6'
}
