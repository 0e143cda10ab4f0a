import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { systemClock } from '../../src/clock.ts'
import { defineSuite } from '../../src/config/suite.ts'
import { findFreePort, probeAddress } from '../../src/target/tcp-port.ts'
import { measureScenario } from '../../src/vitest/worker/measure-scenario.ts'
import { median, spread } from './ratios.ts'

/**
 * Pipelined operations a second (PRODUCE, ACQUIRE_NEXT and SETTLE, everything checked) against
 * `redis-benchmark -t set` with as many connections and the same depth, in turn in one run. Needs
 * redis-server and redis-benchmark.
 *
 * Usage: node bench/limits/pipelined.ts [pairs] [messages]
 */
const [pairs = 5, msgs = 500_000] = process.argv.slice(2).map(Number)
const CONNECTIONS = 8
const OPERATIONS_PER_MESSAGE = 3
const START_LIMIT_MS = 5000

const port = await findFreePort()
const redis = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
  stdio: 'ignore',
})
await started()
try {
  for (const depth of [16, 64]) await compare(depth)
} finally {
  redis.kill()
  await once(redis, 'close')
}

async function started(): Promise<void> {
  const address = { host: '127.0.0.1', port }
  const deadlineNs = systemClock.nowNs() + START_LIMIT_MS * 1e6
  for (;;) {
    const probe = await probeAddress(address, { limitMs: START_LIMIT_MS, clock: systemClock })
    if (probe.kind === 'accepted') return
    if (systemClock.nowNs() > deadlineNs)
      throw new Error(`Cannot start redis-server: ${probe.reason}`)
  }
}

async function compare(depth: number): Promise<void> {
  const ratios: number[] = []
  const ours: number[] = []
  const redisSet: number[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    const sides = [
      async () => redisSet.push(await measureRedis(depth)),
      async () => ours.push(await measureOurs(depth)),
    ]
    for (const side of pair % 2 === 0 ? sides : sides.reverse()) await side()
    ratios.push((ours.at(-1) ?? 0) / (redisSet.at(-1) ?? 0))
  }
  process.stdout.write(
    `depth ${depth}: ratio ${median(ratios).toFixed(2)} (${spread(ratios)}), ours ${Math.round(median(ours))} ops/s, redis-benchmark ${Math.round(median(redisSet))} ops/s\n`,
  )
}

async function measureOurs(depth: number): Promise<number> {
  const participants = { producers: CONNECTIONS / 2, consumers: CONNECTIONS / 2 }
  const [scenario] = defineSuite({
    scenarios: [{ name: 'pipelined', msgs, pipeline: depth, warmupMsgs: 20_000, ...participants }],
  }).scenarios
  if (scenario === undefined) throw new Error('Cannot compare: there is no scenario')
  const { signal } = new AbortController()
  const { result } = await measureScenario(scenario, { server: { kind: 'embedded' }, signal })
  if (result.status !== 'pass' || result.metrics.durationMs === undefined) {
    throw new Error(`Cannot compare: ${result.correctness.reasons.join(', ')}`)
  }
  return (OPERATIONS_PER_MESSAGE * msgs) / (result.metrics.durationMs / 1000)
}

async function measureRedis(depth: number): Promise<number> {
  const requests = OPERATIONS_PER_MESSAGE * msgs
  const args = ['-p', port, '-t', 'set', '-c', CONNECTIONS, '-P', depth, '-n', requests, '--csv']
  const { stdout } = await promisify(execFile)('redis-benchmark', args.map(String))
  const rate = Number(/^"SET","([\d.]+)"/m.exec(stdout)?.[1])
  if (!(rate > 0)) throw new Error(`Cannot read what redis-benchmark printed: ${stdout}`)
  return rate
}
