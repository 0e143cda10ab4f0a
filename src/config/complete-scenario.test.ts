import { expect, test } from 'vitest'
import { automaticThreads } from './complete-scenario.ts'
import { defineSuite } from './suite.ts'

test.each([
  { cores: 1, connections: 2, threads: 1 },
  { cores: 2, connections: 100, threads: 1 },
  { cores: 4, connections: 100, threads: 3 },
  { cores: 5, connections: 100, threads: 4 },
  { cores: 64, connections: 100, threads: 4 },
  { cores: 64, connections: 3, threads: 3 },
])(
  'automaticThreads() of $cores cores and $connections connections are $threads',
  ({ cores, connections, threads }) => {
    expect(automaticThreads(cores, connections)).toBe(threads)
  },
)

test('completeScenario() keeps what is stated', () => {
  const stated = { threads: 9, timeoutMs: 77, seed: 5, rounds: 3, processingMs: 4 }
  const input = { name: 'A', msgs: 1, producers: 1, consumers: 1, ...stated }
  expect(defineSuite({ scenarios: [input] }).scenarios[0]).toMatchObject(stated)
})
