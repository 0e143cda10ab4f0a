import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Scenario } from '../../src/config/scenario.ts'
import { measure, rateOf, scenarioOf } from './measure.ts'
import { compareInPairs } from './pairs.ts'

/**
 * How near the closed loop comes to bare sockets: both sides in turn in one run, one ratio a pair.
 * The median of the ratios is what counts, because machines drift.
 *
 * Usage: node bench/limits/closed-loop.ts [pairs] [messages]
 */
const [pairs = 5, msgs = 100_000] = process.argv.slice(2).map(Number)
for (const shape of [
  { name: '1 producer, 1 consumer', producers: 1, consumers: 1 },
  { name: '10 producers, 2 consumers', producers: 10, consumers: 2 },
  { name: '2 producers, 10 consumers', producers: 2, consumers: 10 },
  { name: '10 producers, 50 consumers', producers: 10, consumers: 50 },
]) {
  const scenario = scenarioOf({ ...shape, msgs, warmupMsgs: 1000 })
  await compareInPairs({
    title: shape.name,
    pairs,
    unit: 'msg/s',
    ours: { name: 'ours', measure: async () => rateOf(await measure(scenario)) },
    other: { name: 'bare sockets', measure: () => measureBare(scenario) },
  })
}

async function measureBare(scenario: Scenario): Promise<number> {
  const server = run('./bare-server.ts', [])
  const port = await firstLine(server)
  // The same warm-up, so that both sides are compiled.
  await bareRate(port, { ...scenario, msgs: scenario.warmupMsgs })
  const rate = await bareRate(port, scenario)
  server.stdin.end()
  await once(server, 'close')
  return rate
}

async function bareRate(port: string, scenario: Scenario): Promise<number> {
  const { msgs, producers, consumers, idleBackoffMaxMs } = scenario
  const client = run('./bare-client.ts', [port, msgs, producers, consumers, idleBackoffMaxMs])
  return Number(await firstLine(client))
}

function run(script: string, args: readonly (string | number)[]) {
  const path = fileURLToPath(new URL(script, import.meta.url))
  return spawn(process.execPath, [path, ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

async function firstLine(child: ReturnType<typeof run>): Promise<string> {
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return line
}
