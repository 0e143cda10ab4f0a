import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { systemClock } from '../../src/clock.ts'
import { findFreePort, probeAddress } from '../../src/target/tcp-port.ts'
import { measure, rateOf, scenarioOf } from './measure.ts'
import { compareInPairs } from './pairs.ts'

/**
 * Pipelined operations a second (PRODUCE, ACQUIRE_NEXT and SETTLE, everything checked) against
 * `redis-benchmark -t set` with as many connections and the same depth, in turn in one run. Needs
 * redis-server and redis-benchmark.
 *
 * Usage: node bench/limits/pipelined.ts [pairs] [messages]
 */
const [pairs = 5, msgs = 2_000_000] = process.argv.slice(2).map(Number)
const CONNECTIONS = 8
const OPERATIONS_PER_MESSAGE = 3
const START_LIMIT_MS = 5000

const port = await findFreePort()
const redis = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
  stdio: 'ignore',
})
await started()
try {
  for (const depth of [16, 64]) {
    await compareInPairs({
      title: `depth ${depth}`,
      pairs,
      unit: 'ops/s',
      ours: { name: 'ours', measure: () => measureOurs(depth) },
      other: { name: 'redis-benchmark', measure: () => measureRedis(depth) },
    })
  }
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

async function measureOurs(depth: number): Promise<number> {
  const participants = { producers: CONNECTIONS / 2, consumers: CONNECTIONS / 2 }
  const scenario = scenarioOf({ ...participants, msgs, pipeline: depth, warmupMsgs: msgs / 10 })
  return OPERATIONS_PER_MESSAGE * rateOf(await measure(scenario))
}

async function measureRedis(depth: number): Promise<number> {
  const requests = OPERATIONS_PER_MESSAGE * msgs
  const args = ['-p', port, '-t', 'set', '-c', CONNECTIONS, '-P', depth, '-n', requests, '--csv']
  const { stdout } = await promisify(execFile)('redis-benchmark', args.map(String))
  const rate = Number(/^"SET","([\d.]+)"/m.exec(stdout)?.[1])
  if (!(rate > 0)) throw new Error(`Cannot read what redis-benchmark printed: ${stdout}`)
  return rate
}
