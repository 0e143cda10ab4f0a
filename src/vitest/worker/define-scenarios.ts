import { describe, expect } from 'vitest'
import { testTimeoutMs } from '../../config/scenario.ts'
import { defineSuite, type SuiteInput } from '../../config/suite.ts'
import { SuiteTests } from './suite-tests.ts'
import { test } from './test.ts'

let defined = 0

/**
 * Defines the tests of a suite that is made in code, in a bench file of Vitest. The same as a JSON
 * suite, but without its lines: no filter by line, and failures point to no place in it.
 *
 * Throws `CONFIG_INVALID` with everything that is wrong.
 */
export function defineScenarios(input: SuiteInput): void {
  const suite = defineSuite(input)
  const tests = new SuiteTests({ file: expect.getState().testPath ?? '', suite, places: [] })
  const meta = { mamamiaSuite: { number: defined++, suite } }
  suite.scenarios.forEach((scenario, index) => {
    const options = { retry: 0, timeout: testTimeoutMs(scenario) }
    describe(scenario.name, { meta, shuffle: false }, () => {
      test('measure', options, ({ annotate, bench, mamamia, onTestFinished, signal, skip, task }) =>
        tests.measure(index, { annotate, bench, mamamia, onTestFinished, signal, skip, task }),
      )
      test('verify', options, ({ annotate, bench, mamamia, onTestFinished, signal, skip, task }) =>
        tests.verify(index, { annotate, bench, mamamia, onTestFinished, signal, skip, task }),
      )
    })
  })
}
