#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'
import { FLAGS } from './config/flags.ts'
import { readSettings, type Settings } from './config/settings.ts'
import { messageOf } from './errors.ts'
import { createPlugin, defaultSuiteFiles } from './vitest/main/plugin.ts'

const HELP_FLAG = '--help'

const HELP = `Usage: mamamia-bench [options]

Measures message delivery and verifies it: every scenario of the suites in bench/*.bench.json, or
the four default ones where there are none. Options are stronger than MAMAMIA_… variables, and both
are stronger than what a suite file states.

${helpLines().join('\n')}
  --help                 this text

Exit codes: 0 every scenario passed, 1 anything else.
`

function helpLines(): string[] {
  return Object.entries(FLAGS).map(([name, flag]) => {
    const usage = flag.type === 'string' ? `--${name} ${flag.takes}` : `--${name}`
    return `  ${usage.padEnd(22)} ${flag.meaning}`
  })
}

async function run(settings: Settings): Promise<void> {
  const root = process.cwd()
  const hasSuites = settings.config !== undefined || defaultSuiteFiles(root).length > 0
  const inForce = hasSuites ? settings : { ...settings, config: packagedSuite() }
  // The last is what `vitest bench` sets; it is no part of the types.
  const options = { config: false as const, root, run: true, watch: false, benchmarkOnly: true }
  const vitest = await startVitest([], options, { plugins: [createPlugin(() => inForce)] })
  await vitest.close()
}

/** The four default scenarios, for whoever has no suite yet. */
function packagedSuite(): string {
  const beside = ['../bench/default.bench.json', '../../bench/default.bench.json']
  const files = beside.map(path => fileURLToPath(new URL(path, import.meta.url)))
  return files.find(file => existsSync(file)) ?? 'bench/default.bench.json'
}

const argv = process.argv.slice(2)
if (argv.includes(HELP_FLAG)) {
  process.stdout.write(HELP)
} else {
  try {
    await run(readSettings({ argv, env: process.env }))
  } catch (thrown) {
    process.stderr.write(`mamamia-bench: ${messageOf(thrown)}\n`)
    process.exitCode = 1
  }
}
