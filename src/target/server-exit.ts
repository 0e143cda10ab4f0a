import { BenchError } from '../errors.ts'

/** How a server process ended, with the last lines that it wrote to stderr, oldest first. */
export type ServerExit =
  | { readonly kind: 'code'; readonly code: number; readonly stderr: readonly string[] }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals; readonly stderr: readonly string[] }

/** The failure of a run whose server ended in the middle. */
export function serverExitedError(exit: ServerExit): BenchError {
  return new BenchError(
    'SERVER_EXITED',
    `Cannot go on without the server: it ${describeExit(exit)}${quoteStderr(exit.stderr)}`,
  )
}

/** Completes a sentence whose subject is the server. */
export function describeExit(exit: ServerExit): string {
  switch (exit.kind) {
    case 'code':
      return `exited with code ${exit.code}`
    case 'signal':
      return `was ended by ${exit.signal}`
    default:
      return exit satisfies never
  }
}

/** The lines indented below the message that they are appended to. */
export function quoteStderr(lines: readonly string[]): string {
  if (lines.length === 0) return ', with nothing on stderr'
  return `; its stderr ends with:\n${lines.map(line => `  ${line}`).join('\n')}`
}
