import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Scenario } from '../../src/config/scenario.ts'
import { startTarget } from '../../src/target/start-target.ts'
import { measure, rateOf, scenarioOf } from './measure.ts'
import { compareInPairs } from './pairs.ts'

/**
 * What measuring and checking cost: a scenario with everything on against the same requests through
 * the same driver with everything off, each against a server of its own.
 *
 * Usage: node bench/limits/measuring.ts [pairs] [messages]
 */
const [pairs = 5, msgs = 100_000] = process.argv.slice(2).map(Number)
const UNMEASURED = fileURLToPath(new URL('./unmeasured-load.ts', import.meta.url))

for (const shape of [
  { name: '10 producers, 50 consumers', msgs, producers: 10, consumers: 50 },
  { name: '2 producers, 10 consumers', msgs, producers: 2, consumers: 10 },
  { name: '4 of each, pipeline 64', msgs: msgs * 10, producers: 4, consumers: 4, pipeline: 64 },
]) {
  const scenario = scenarioOf({ ...shape, warmupMsgs: shape.msgs / 10 })
  await compareInPairs({
    title: scenario.name,
    pairs,
    unit: 'msg/s',
    ours: { name: 'measured', measure: async () => rateOf(await measure(scenario)) },
    other: { name: 'unmeasured', measure: () => unmeasured(scenario) },
  })
}

async function unmeasured(scenario: Scenario): Promise<number> {
  await using server = await startTarget({ kind: 'embedded' })
  const { msgs: messages, producers, consumers, pipeline, idleBackoffMaxMs } = scenario
  const args = [server.port, messages, producers, consumers, pipeline, idleBackoffMaxMs]
  const { stdout } = await promisify(execFile)(process.execPath, [UNMEASURED, ...args.map(String)])
  return Number(stdout)
}
