import type { BenchError } from '../errors.ts'

/** What a loop tells the thread that runs it. */
export interface LoopEvents {
  /** Its channel is open; it may be started. */
  opened(): void
  /** It has nothing more to do and no answer to wait for. */
  finished(): void
  /** It cannot go on; nothing follows. */
  failed(error: BenchError): void
}
