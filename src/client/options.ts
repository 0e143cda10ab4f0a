import { type Address, formatAddress, parseAddress } from '../address.ts'
import { systemClock } from '../clock.ts'
import { Link } from './link.ts'
import { tcpTransport } from './transport.ts'

/** What producers and consumers have in common. */
export interface ClientOptions {
  /** `host:port`, or its parts. */
  readonly addr: string | Address
  readonly logId: string
  /** How long a request may wait for its answer before the connection is given up; 10,000. */
  readonly requestTimeoutMs?: number
  /** Requests without an answer at most; one more is rejected with `LIMIT_EXCEEDED`. 1,024. */
  readonly openRequestsMax?: number
  /** Attempts to connect before a request is rejected; 5, the pauses between doubling from 50 ms. */
  readonly connectAttemptsMax?: number
}

export function openLink(options: ClientOptions): Link {
  const { addr } = options
  const address = parseAddress(typeof addr === 'string' ? addr : formatAddress(addr))
  return new Link({
    open: tcpTransport(address),
    clock: systemClock,
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
    openRequestsMax: options.openRequestsMax ?? 1024,
    connectAttemptsMax: options.connectAttemptsMax ?? 5,
    connectPauseMs: 50,
  })
}
