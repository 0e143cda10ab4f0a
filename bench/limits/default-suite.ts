import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BenchRun } from '../../src/testing/bench-run.ts'

/**
 * The default suite as a user runs it: how long it takes against the published rates of the Python
 * suite, and how much memory all its processes have together at most.
 *
 * Usage: node bench/limits/default-suite.ts
 */
const PYTHON_MESSAGES_PER_SECOND = [2179, 2995, 3149, 3259]
const MESSAGES = 100_000
const LOOK_EVERY_MS = 100

const suite = readFileSync(join(import.meta.dirname, '../default.bench.json'), 'utf8')
const startMs = performance.now()
await using run = new BenchRun(suite)
let peakBytes = 0
const timer = setInterval(() => {
  const bytes = run.processes().map(({ pid }) => proportionalBytes(pid))
  peakBytes = Math.max(
    peakBytes,
    bytes.reduce((sum, value) => sum + value, 0),
  )
}, LOOK_EVERY_MS)
const exit = await run.ended()
clearInterval(timer)

const seconds = (performance.now() - startMs) / 1000
const pythonSeconds = PYTHON_MESSAGES_PER_SECOND.reduce((sum, rate) => sum + MESSAGES / rate, 0)
process.stdout.write(
  `default suite: exit ${exit}, ${seconds.toFixed(1)} s, ${(seconds / pythonSeconds).toFixed(2)} of the ${pythonSeconds.toFixed(1)} s of the Python suite, at most ${Math.round(peakBytes / 1e6)} MB\n`,
)

/** Shared pages count in parts, so that the sum over processes counts each once. */
function proportionalBytes(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024
  } catch {
    // It ended while we looked.
    return 0
  }
}
