import { availableParallelism } from 'node:os'
import type { z } from 'zod'
import { listBudgets } from './budget-schema.ts'
import { payloadBytesOf } from './payload-schema.ts'
import { type LoadModel, type Scenario, scenarioTimeoutMs } from './scenario.ts'
import type { scenarioSchema } from './scenario-schema.ts'

export interface Making {
  /** Index of the entry of the file. */
  readonly entry: number
  /** What a sweep adds to the name; empty without one. */
  readonly label: string
  readonly load: LoadModel
  readonly msgs: number
}

/** A checked scenario with all that it leaves to us. */
export function completeScenario(
  settled: z.output<typeof scenarioSchema>,
  { entry, label, load, msgs }: Making,
): Scenario {
  const { producers, consumers, idleBackoffMs, pipeline = 1 } = settled
  const sized = {
    msgs,
    producers,
    consumers,
    load,
    mode: settled.mode,
    leaseMs: settled.leaseMs,
    processingMs: settled.processingMs,
    pipeline,
    warmupMsgs: settled.warmupMsgs,
    rounds: settled.rounds,
    stallTimeoutMs: settled.stallTimeoutMs,
  }
  return {
    ...sized,
    name: label === '' ? settled.name : `${settled.name} [${label}]`,
    ...(label !== '' && { group: settled.name }),
    entry,
    ...(settled.payloadBytes !== undefined && {
      payloadBytes: payloadBytesOf(settled.payloadBytes),
    }),
    idleBackoffMs,
    // A first wait that is longer than the usual maximum raises it.
    idleBackoffMaxMs:
      settled.idleBackoffMaxMs ?? Math.max(IDLE_BACKOFF_MAX_MS, consumers / 4, idleBackoffMs),
    producerPipeline: settled.pipeline ?? (load.kind === 'closed' ? 1 : OPEN_LOOP_PIPELINE),
    threads: settled.threads ?? automaticThreads(availableParallelism(), producers + consumers),
    seed: settled.seed,
    timeoutMs: settled.timeoutMs ?? scenarioTimeoutMs(sized),
    budgets: listBudgets(settled.budgets ?? {}),
  }
}

const IDLE_BACKOFF_MAX_MS = 16

/** An open loop must not wait for answers: so many may be outstanding before it has to. */
const OPEN_LOOP_PIPELINE = 1024

const AUTOMATIC_THREADS_MAX = 4

/** What the machine has, less one for the server and less what would only compete. */
export function automaticThreads(cores: number, connections: number): number {
  return Math.min(Math.max(cores - 1, 1), AUTOMATIC_THREADS_MAX, connections)
}
