import type { Vitest } from 'vitest/node'

/**
 * Lets Ctrl-C and SIGTERM end a run instead of the process: tests are aborted, servers stopped and
 * results written. A second signal goes to whoever listened before, who exits at once.
 *
 * Without this, Vitest exits on the first signal outside watch mode, and nothing is cleaned up.
 */
export function interruptGracefully(vitest: Vitest): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const before = process.listeners(signal)
    process.removeAllListeners(signal)
    process.once(signal, () => {
      for (const listener of before) process.on(signal, listener)
      void vitest.cancelCurrentRun('keyboard-input')
    })
  }
}
