import { parseArgs } from 'node:util'
import { formatAddress } from '../address.ts'
import { NS_PER_MS } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Shape } from './shaping/shape.ts'
import { listenShaped } from './shaping/shaped-listener.ts'

const HELP = `Usage: node src/testing/shaped-server.ts [options]

The product's own server with known flaws, to measure the measuring with. Times may have fractions.

  --port P               port of 127.0.0.1 to listen on, 0 for a free one (default 9000)
  --produce-delay-ms D   serve and answer each PRODUCE so long after it arrived
  --acquire-delay-ms D   the same for ACQUIRE_NEXT
  --settle-delay-ms D    the same for SETTLE
  --rate R               serve at most R PRODUCE a second, evenly; the others wait in order
  --pause-at-ms A        so long after the first PRODUCE arrived, stop ...
  --pause-ms B           ... for so long; then print "paused from X to Y ns" (CLOCK_MONOTONIC) on
                         stderr
  --help                 this text

Prints "listening on H:P" when ready. SIGTERM ends it.
Exit codes: 1 when it cannot listen, 2 for wrong options.
`

const DURATION_MS_MAX = 600_000
const RATE_MAX = 1e9

const OPTIONS = {
  port: { type: 'string', default: '9000' },
  'produce-delay-ms': { type: 'string', default: '0' },
  'acquire-delay-ms': { type: 'string', default: '0' },
  'settle-delay-ms': { type: 'string', default: '0' },
  rate: { type: 'string' },
  'pause-at-ms': { type: 'string' },
  'pause-ms': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

function shapeOf(values: Values): Shape {
  const { rate, 'pause-at-ms': pauseAt, 'pause-ms': pauseLength } = values
  if ((pauseAt === undefined) !== (pauseLength === undefined)) {
    throw new RangeError('Cannot use one of --pause-at-ms and --pause-ms without the other')
  }
  return {
    produceDelayNs: nanoseconds('--produce-delay-ms', values['produce-delay-ms']),
    acquireDelayNs: nanoseconds('--acquire-delay-ms', values['acquire-delay-ms']),
    settleDelayNs: nanoseconds('--settle-delay-ms', values['settle-delay-ms']),
    ratePerSecond: rate === undefined ? undefined : numberOf('--rate', rate, RATE_MAX),
    pause:
      pauseAt === undefined || pauseLength === undefined
        ? undefined
        : {
            afterNs: nanoseconds('--pause-at-ms', pauseAt),
            lengthNs: nanoseconds('--pause-ms', pauseLength),
          },
  }
}

function nanoseconds(option: string, text: string): number {
  return numberOf(option, text, DURATION_MS_MAX) * NS_PER_MS
}

function numberOf(option: string, text: string, max: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= max) || (option === '--rate' && value === 0)) {
    throw new RangeError(`Cannot use ${option} ${text}: it must be a number up to ${max}`)
  }
  return value
}

function fail(thrown: unknown, exitCode: number): void {
  process.stderr.write(`shaped-server: ${messageOf(thrown)}\n`)
  process.exitCode = exitCode
}

async function run(shape: Shape, port: number): Promise<void> {
  const bound = await listenShaped(shape, {
    address: { host: '127.0.0.1', port },
    paused: ({ beganNs, endedNs }) => {
      process.stderr.write(`paused from ${beganNs} to ${endedNs} ns\n`)
    },
  })
  process.stdout.write(`listening on ${formatAddress(bound)}\n`)
}

// No handler for SIGTERM: the default one ends us in the middle of a pause, too.
try {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help) process.stdout.write(HELP)
  else {
    const shape = shapeOf(values)
    const port = numberOf('--port', values.port, 65_535)
    await run(shape, port).catch(thrown => fail(thrown, 1))
  }
} catch (thrown) {
  fail(thrown, 2)
}
