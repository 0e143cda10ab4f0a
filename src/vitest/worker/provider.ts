import { Bench } from 'tinybench'
import type { BenchmarkGroup, BenchmarkProvider, BenchResult } from 'vitest'

/**
 * Marks the function of a benchmark that is a scenario: called once, it measures and returns the
 * result. A registered symbol, because the module may be loaded twice.
 */
const SCENARIO = Symbol.for('mamamia-bench.scenario')

type ScenarioJob = () => Promise<BenchResult>
type Fn = BenchmarkGroup['registrations'][number]['fn'] & { readonly [SCENARIO]?: ScenarioJob }

/** A function for `bench(name, fn)` that the provider runs as a scenario instead of in a loop. */
export function scenarioFunction(job: ScenarioJob): () => Promise<void> {
  // Called only where another provider is in force, which would call it again and again.
  const misplaced = async () => {
    throw new Error(
      'Cannot measure a scenario: benchmark.provider is not mamamia-bench/provider in this project',
    )
  }
  return Object.assign(misplaced, { [SCENARIO]: job })
}

/** Runs scenarios once each and leaves everything else to tinybench, as Vitest itself does. */
const provider: BenchmarkProvider = {
  async run(group) {
    const results: BenchResult[] = []
    for (const registration of group.registrations) {
      const job = (registration.fn as Fn)[SCENARIO]
      results.push(job === undefined ? await runInLoop(group, registration) : await job())
    }
    return results
  },
}

export default provider

async function runInLoop(
  { test, config, options }: BenchmarkGroup,
  { name, fn, fnOpts }: BenchmarkGroup['registrations'][number],
): Promise<BenchResult> {
  const bench = new Bench({
    signal: test.context.signal,
    retainSamples: config.retainSamples,
    ...options,
  })
  bench.add(name, fn, fnOpts)
  const [task] = await bench.run()
  if (task?.result.state === 'errored') throw task.result.error
  if (task?.result.state !== 'completed') {
    throw new Error(
      `Cannot finish the benchmark ${JSON.stringify(name)}: it was ${task?.result.state}`,
    )
  }
  return { ...task.result, name }
}
