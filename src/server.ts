export type { ServerCounters } from './server/broker.ts'
export { DEFAULT_LIMITS, type ServerLimits } from './server/limits.ts'
