#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { parseArgs } from 'node:util'
import { formatAddress } from '../address.ts'
import { systemClock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { Broker } from './broker.ts'
import { openChannel } from './channel.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { listen } from './listener.ts'

const HELP = `Usage: mamamia-server [options]

A Mamamia server in memory, for benchmarks and tests.

  --host H         address to listen on (default 127.0.0.1)
  --port P         port to listen on, 0 for a free one (default 9000)
  --channel-fd N   answer requests for counters on this file descriptor
  --version        the version of this package
  --help           this text

Prints "listening on H:P" when ready. SIGTERM and SIGINT end it. Whoever reaches the port may use
the server: there is no authentication.
Exit codes: 0 after a signal, 1 when it cannot start, 2 for wrong options.
`

interface Options {
  readonly host: string
  readonly port: number
  readonly channelFd: number | undefined
  readonly version: boolean
  readonly help: boolean
}

function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '9000' },
      'channel-fd': { type: 'string' },
      version: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    host: values.host,
    port: wholeNumber('--port', values.port, 65_535),
    channelFd:
      values['channel-fd'] === undefined
        ? undefined
        : wholeNumber('--channel-fd', values['channel-fd'], 1023),
    version: values.version,
    help: values.help,
  }
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= max)) {
    throw new RangeError(`Cannot use ${option} ${text}: it must be a whole number from 0 to ${max}`)
  }
  return value
}

async function run(options: Options): Promise<void> {
  const broker = new Broker(DEFAULT_LIMITS)
  // Before the port, which would keep a process with a wrong descriptor alive.
  if (options.channelFd !== undefined) {
    openChannel(options.channelFd, () => broker.counters(systemClock.nowNs()))
  }
  const listener = await listen(broker, { ...options, clock: systemClock })
  const end = () => {
    void listener[Symbol.asyncDispose]().then(() => process.exit(0))
  }
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
  if (!isLoopback(listener.host)) {
    process.stderr.write(
      `mamamia-server: ${listener.host} is not a loopback address, and there is no authentication\n`,
    )
  }
  process.stdout.write(`listening on ${formatAddress(listener)}\n`)
}

/** `address` is what was bound, so names such as localhost are resolved already. */
function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address.startsWith('::ffff:127.') || address === '::1'
}

function packageVersion(): string {
  const file = findPackageJSON('.', import.meta.url)
  if (file === undefined) return 'unknown'
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }
  return version
}

function fail(thrown: unknown, exitCode: number): void {
  process.stderr.write(`mamamia-server: ${messageOf(thrown)}\n`)
  process.exitCode = exitCode
}

let options: Options | undefined
try {
  options = readOptions(process.argv.slice(2))
} catch (thrown) {
  fail(thrown, 2)
}
if (options?.help === true) process.stdout.write(HELP)
else if (options?.version === true) process.stdout.write(`${packageVersion()}\n`)
else if (options !== undefined) await run(options).catch(thrown => fail(thrown, 1))
