/** What generated modules import. */
export { SuiteTests } from './suite-tests.ts'
export { test } from './test.ts'
