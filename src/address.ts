import { BenchError } from './errors.ts'

/** `host` has no brackets, also for IPv6: it is what a socket takes. */
export interface Address {
  readonly host: string
  readonly port: number
}

export type AddressReading =
  | ({ readonly kind: 'address' } & Address)
  | { readonly kind: 'invalid'; readonly reason: string }

const PORT_MAX = 65_535

/** Reads `host:port` or `[IPv6]:port`; the reason of an invalid one ends in what is right. */
export function readAddress(text: string): AddressReading {
  if (/[\s/@?#]/.test(text)) return invalid('it has a character that no address has')
  const { bracketed, plain, port } =
    /^(?:\[(?<bracketed>.*)\]|(?<plain>[^:]*))(?::(?<port>.*))?$/.exec(text)?.groups ?? {}
  if (bracketed !== undefined && !/^(?=.*:.*:)[\da-f:.]+(%\w+)?$/i.test(bracketed)) {
    return invalid('the brackets hold no IPv6 address')
  }
  const host = bracketed ?? plain
  if (port?.includes(':')) return invalid('an IPv6 address must stand in brackets')
  if (host === undefined || /[[\]]/.test(host)) return invalid('its brackets do not match')
  if (host === '') return invalid('it has no host')
  if (port === undefined || port === '') return invalid('it has no port')
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > PORT_MAX) {
    return invalid(`the port is not a whole number from 1 to ${PORT_MAX}`)
  }
  return { kind: 'address', host, port: Number(port) }
}

function invalid(reason: string): AddressReading {
  return { kind: 'invalid', reason: `${reason}; write it as localhost:9000 or [::1]:9000` }
}

/** Like `readAddress`, but throws `CONFIG_INVALID` with the text and the reason. */
export function parseAddress(text: string): Address {
  const reading = readAddress(text)
  if (reading.kind === 'address') return { host: reading.host, port: reading.port }
  const message = `Cannot use the address ${JSON.stringify(text)}: ${reading.reason}`
  throw new BenchError('CONFIG_INVALID', message)
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
