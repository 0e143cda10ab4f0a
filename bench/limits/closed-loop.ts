import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Scenario } from '../../src/config/scenario.ts'
import { defineSuite } from '../../src/config/suite.ts'
import { measureScenario } from '../../src/vitest/worker/measure-scenario.ts'
import { median, spread } from './ratios.ts'

/**
 * How near the closed loop comes to bare sockets: both sides in turn in one run, one ratio a pair.
 * The median of the ratios is what counts, because machines drift.
 *
 * Usage: node bench/limits/closed-loop.ts [pairs] [messages]
 */
const [pairs = 5, msgs = 100_000] = process.argv.slice(2).map(Number)
const { scenarios } = defineSuite({
  defaults: { msgs, warmupMsgs: 1000 },
  scenarios: [
    { name: '1 producer, 1 consumer', producers: 1, consumers: 1 },
    { name: '10 producers, 2 consumers', producers: 10, consumers: 2 },
    { name: '2 producers, 10 consumers', producers: 2, consumers: 10 },
    { name: '10 producers, 50 consumers', producers: 10, consumers: 50 },
  ],
})

for (const scenario of scenarios) {
  const ratios: number[] = []
  const ours: number[] = []
  const bare: number[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    // Who goes first takes turns, so that neither side always meets a warmer machine.
    const sides = [
      async () => bare.push(await measureBare(scenario)),
      async () => ours.push(await measureOurs(scenario)),
    ]
    for (const side of pair % 2 === 0 ? sides : sides.reverse()) await side()
    ratios.push((ours.at(-1) ?? 0) / (bare.at(-1) ?? 0))
  }
  const figures = [
    median(ratios).toFixed(2),
    spread(ratios),
    Math.round(median(ours)),
    Math.round(median(bare)),
  ]
  process.stdout.write(
    `${scenario.name}: ratio ${figures[0]} (${figures[1]}), ours ${figures[2]} msg/s, bare sockets ${figures[3]} msg/s\n`,
  )
}

async function measureOurs(scenario: Scenario): Promise<number> {
  const { signal } = new AbortController()
  const { result } = await measureScenario(scenario, { server: { kind: 'embedded' }, signal })
  if (result.status !== 'pass' || result.metrics.durationMs === undefined) {
    throw new Error(`Cannot compare ${scenario.name}: ${result.correctness.reasons.join(', ')}`)
  }
  return scenario.msgs / (result.metrics.durationMs / 1000)
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
