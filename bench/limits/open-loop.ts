import { fileURLToPath } from 'node:url'
import type { LatencySummary } from '../../src/measure/metrics.ts'
import { measure, scenarioOf } from './measure.ts'

/**
 * How punctual the open loop is: lateness of sending at half of the rate that the closed loop
 * reaches, and what is measured of a server whose delay or pause is known.
 *
 * Usage: node bench/limits/open-loop.ts [seconds]
 */
const [seconds = 5] = process.argv.slice(2).map(Number)
const SHAPED_SERVER = fileURLToPath(new URL('../../src/testing/shaped-server.ts', import.meta.url))
const shape = { producers: 4, consumers: 8 }

const closed = await measure(scenarioOf({ ...shape, msgs: 50_000 }))
const rate = Math.round((closed.metrics.consumerThroughput ?? 0) / 2)
const half = await measure(scenarioOf({ ...shape, rate, durationSeconds: seconds }))
print(`${rate} msg/s, half of what the closed loop reaches`, {
  lag: half.metrics.lagMs,
  latency: half.metrics.latencyMs,
})

for (const delayMs of [1, 5, 20]) {
  const { metrics } = await measure(
    scenarioOf({ ...shape, rate: 200, durationSeconds: seconds }),
    shaped(`--settle-delay-ms ${delayMs}`),
  )
  print(`a server whose SETTLE takes ${delayMs} ms more`, {
    settle: metrics.settleMs,
    lag: metrics.lagMs,
  })
}

const PAUSE_MS = 1000
const paused = await measure(
  scenarioOf({ ...shape, rate: 1000, durationSeconds: seconds, warmupMsgs: 0 }),
  shaped(`--pause-at-ms 1500 --pause-ms ${PAUSE_MS}`),
)
const { latencyMs } = paused.metrics
print(`a server that pauses for ${PAUSE_MS} ms, at 1000 msg/s for ${seconds} s`, {
  latency: latencyMs,
  lag: paused.metrics.lagMs,
})
// One in `seconds` of all messages was due in the pause, and waited for half of it on average.
const expectedMeanMs = PAUSE_MS / 2 / seconds
process.stdout.write(
  `  mean latency ${latencyMs?.mean.toFixed(1)} ms; the pause alone makes ${expectedMeanMs.toFixed(1)} ms\n`,
)
for (const slice of paused.timeline.slices) {
  const columns = [
    slice.startMs.toFixed(0),
    slice.consumerThroughput.toFixed(0),
    slice.queueDepth,
    slice.latencyMs?.p99.toFixed(1) ?? '-',
  ]
  process.stdout.write(`  ${columns.join('\t')}\n`)
}

function shaped(options: string) {
  return {
    kind: 'command',
    command: `${process.execPath} ${SHAPED_SERVER} --port {port} ${options}`,
    readyTimeoutMs: 10_000,
    env: {},
  } as const
}

function print(what: string, legs: Readonly<Record<string, LatencySummary | undefined>>): void {
  const shown = Object.entries(legs).map(([name, summary]) => {
    const { p50, p99, max } = summary ?? { p50: Number.NaN, p99: Number.NaN, max: Number.NaN }
    return `${name} p50 ${p50.toFixed(3)} p99 ${p99.toFixed(3)} max ${max.toFixed(3)} ms`
  })
  process.stdout.write(`${what}: ${shown.join(', ')}\n`)
}
