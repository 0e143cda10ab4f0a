import { measure, rateOf, scenarioOf } from './measure.ts'
import { compareInPairs } from './pairs.ts'

/**
 * Throughput of 10 producers with 1,000 consumers against that with 50, at the same time and with a
 * backlog.
 *
 * Usage: node bench/limits/many-consumers.ts [pairs] [messages]
 */
const [pairs = 5, msgs = 100_000] = process.argv.slice(2).map(Number)

for (const mode of ['concurrent', 'drain'] as const) {
  const rate = async (consumers: number) => {
    return rateOf(await measure(scenarioOf({ msgs, producers: 10, consumers, mode })))
  }
  await compareInPairs({
    title: mode,
    pairs,
    unit: 'msg/s',
    ours: { name: '1,000 consumers', measure: () => rate(1000) },
    other: { name: '50 consumers', measure: () => rate(50) },
  })
}
