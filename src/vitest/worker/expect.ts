import './matchers.ts'

/** Vitest's `expect` with `toDeliverExactlyOnce` and `toMeetBudget`. */
export { expect } from 'vitest'
