import { BenchError } from '../errors.ts'
import type { ConfigPath } from './field.ts'

/** One thing that is wrong in a file. Line and column count from 1; columns are UTF-16 units. */
export interface ConfigProblem {
  readonly message: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly path: ConfigPath
}

const LINES_MAX = 50

/** A suite file that cannot be used: `problems` has all of them, in the order of the text. */
export class ConfigError extends BenchError {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super('CONFIG_INVALID', messageOfProblems(problems), options)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

function messageOfProblems(problems: readonly ConfigProblem[]): string {
  const lines = problems
    .slice(0, LINES_MAX)
    .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
  if (problems.length > LINES_MAX) lines.push(`... and ${problems.length - LINES_MAX} more`)
  return lines.join('\n')
}
