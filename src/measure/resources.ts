/** What each side used during the measured part; absent where the platform does not tell. */
export interface Resources {
  readonly server: {
    /** CPU time over wall-clock time; 1 is one core. */
    readonly cpuShare?: number
    readonly cpuMs?: number
    /** Largest of several readings of the resident memory of its process group. */
    readonly memoryBytesMax?: number
  }
  readonly load: {
    /** Of all threads together. */
    readonly cpuShare?: number
    readonly cpuMs?: number
    /** Of the busiest thread: the share of time in which it did not wait for events. */
    readonly eventLoopUtilization?: number
  }
}

/** What else is known of a load that may have been the limit. */
export interface LoadSigns {
  /** Whether messages were sent at due times. */
  readonly open: boolean
  readonly lagP99Ms?: number
  /** Share of the offered messages that could not be sent. */
  readonly unsentShare?: number
  /** Whether a load thread waits for due times without sleeping, and so is always busy. */
  readonly spinning?: boolean
}

export type Bottleneck =
  /** The figures are the limit of the load; `message` is a warning for people. */
  | { readonly kind: 'load-bound'; readonly message: string }
  /** Nothing speaks against the figures. */
  | { readonly kind: 'none' }

/** Share of time from which a load thread counts as busy throughout. */
export const LOAD_BUSY_SHARE_MIN = 0.9
/** Share of a core from which the server itself may be the limit. */
export const SERVER_BUSY_SHARE_MIN = 0.8
/** Share of the offered messages that may stay unsent before a run did not do what it was to do. */
export const UNSENT_SHARE_MAX = 0.01

/**
 * Says whether the load rather than the server limited the figures: it had no time left, or could
 * not send what was due, while the server had time. Nothing is said of a server whose CPU time is
 * unknown.
 */
export function judgeBottleneck({ server, load }: Resources, signs: LoadSigns): Bottleneck {
  if (server.cpuShare === undefined || server.cpuShare >= SERVER_BUSY_SHARE_MIN) {
    return { kind: 'none' }
  }
  const sign = signs.spinning ? signOfUnsent(signs) : signOfBusyThreads(load)
  if (sign === undefined) return { kind: 'none' }
  const advice = signs.open
    ? 'raise threads, lower the rate, or make the load on another machine'
    : 'raise threads, or pipeline, or make the load on another machine'
  const message = `load-bound: ${sign} while the server used ${percent(server.cpuShare)} of a core, so the figures are the load's limit and not the server's; ${advice}`
  return { kind: 'load-bound', message }
}

function signOfBusyThreads({ eventLoopUtilization }: Resources['load']): string | undefined {
  if (eventLoopUtilization === undefined || eventLoopUtilization < LOAD_BUSY_SHARE_MIN) {
    return undefined
  }
  return `the busiest load thread was busy ${percent(eventLoopUtilization)} of the time`
}

function signOfUnsent({ unsentShare = 0, lagP99Ms }: LoadSigns): string | undefined {
  if (unsentShare <= UNSENT_SHARE_MAX) return undefined
  const sign = `${percent(unsentShare)} of the offered messages could not be sent`
  if (lagP99Ms === undefined) return sign
  return `${sign}, and 1 % of the others left ${lagP99Ms.toFixed(1)} ms late or later,`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
}
