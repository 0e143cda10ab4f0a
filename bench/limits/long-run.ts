import { measure, rateOf, scenarioOf } from './measure.ts'
import { compareInPairs } from './pairs.ts'

/**
 * Whether a message costs the same in a long run as in a short one, and how much memory the load
 * side takes for it: the growth of this process, whose threads make the load.
 *
 * Usage: node bench/limits/long-run.ts [pairs] [messages] [messages of the short run]
 */
const [pairs = 5, msgs = 10_000_000, shortMsgs = 100_000] = process.argv.slice(2).map(Number)
const shape = { producers: 4, consumers: 4, pipeline: 64, warmupMsgs: 200_000 }
const LOOK_EVERY_MS = 100

/** Of the load threads, or of the server, for each message. */
async function cpuPerMessage(messages: number): Promise<number> {
  const { metrics } = await measure(scenarioOf({ ...shape, msgs: messages }))
  const { load = Number.NaN, server = Number.NaN } = metrics.messagesPerCpuSecond ?? {}
  return 1e6 / load + 1e6 / server
}

await compareInPairs({
  title: 'CPU time of both sides per message',
  pairs,
  unit: 'us',
  ours: { name: `${msgs} messages`, measure: () => cpuPerMessage(msgs) },
  other: { name: `${shortMsgs} messages`, measure: () => cpuPerMessage(shortMsgs) },
})

let peakBytes = 0
const timer = setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
}, LOOK_EVERY_MS)
const beforeBytes = process.memoryUsage.rss()
const result = await measure(scenarioOf({ ...shape, msgs }))
clearInterval(timer)
const rates = result.timeline.slices.map(slice => Math.round(slice.consumerThroughput))
process.stdout.write(
  [
    `${msgs} messages: ${Math.round(rateOf(result))} msg/s`,
    `load side at most ${Math.round(peakBytes / 1e6)} MB, ${((peakBytes - 150e6) / msgs).toFixed(1)} bytes a message over 150 MB (${Math.round(beforeBytes / 1e6)} MB before)`,
    `server at most ${Math.round((result.resources.server.memoryBytesMax ?? 0) / 1e6)} MB`,
    `settled per second, slice by slice: ${rates.join(' ')}`,
    '',
  ].join('\n'),
)
