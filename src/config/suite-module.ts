import type { Suite } from './scenario.ts'
import type { Position } from './suite-file.ts'

/** What the generated module of a suite file hands to the worker: all plain data. */
export interface SuiteModule {
  /** Absolute path. */
  readonly file: string
  readonly suite: Suite
  /** In the order of `suite.scenarios`; empty for a suite that is defined in code. */
  readonly places: readonly ScenarioPlaces[]
}

/** Where the parts of a scenario stand in the file; a sweep's scenarios stand in one place. */
export interface ScenarioPlaces {
  readonly scenario: Position
  /** By metric name. */
  readonly budgets: Readonly<Record<string, Position>>
}
