import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median, spread } from './ratios.ts'

/**
 * From pressing enter to the first message sent, as a ratio to what an empty Vitest bench file
 * takes to its first line. The first message is seen by a server that is started as a command,
 * which takes 0.1 s longer than the embedded one to be trusted.
 *
 * Usage: node bench/limits/start.ts [pairs]
 */
const [pairs = 5] = process.argv.slice(2).map(Number)
const root = join(import.meta.dirname, '../..')
mkdirSync(join(root, '.vitest'), { recursive: true })
const directory = mkdtempSync(join(root, '.vitest', 'start-'))
const time = join(directory, 'time')

const emptyBench = join(directory, 'empty.bench.ts')
writeFileSync(
  emptyBench,
  `import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
writeFileSync(${JSON.stringify(time)}, String(process.hrtime.bigint()))
test('empty', () => {})
`,
)
const suite = join(directory, 'first.bench.json')
const server = `${process.execPath} ${join(import.meta.dirname, 'first-byte-server.ts')} {port} ${time}`
writeFileSync(
  suite,
  JSON.stringify({
    output: { html: false, json: false, cli: false },
    server: { command: server },
    scenarios: [{ name: 'first', msgs: 1, producers: 1, consumers: 1 }],
  }),
)

try {
  const ratios: number[] = []
  const firstMessageMs: number[] = []
  const firstLineMs: number[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    firstLineMs.push(await timeOf(['vitest', 'bench', '--run', emptyBench]))
    firstMessageMs.push(await timeOf(['vitest', 'bench', '--run', '--', '--config', suite]))
    ratios.push((firstMessageMs.at(-1) ?? 0) / (firstLineMs.at(-1) ?? 0))
  }
  process.stdout.write(
    `start: ratio ${median(ratios).toFixed(2)} (${spread(ratios)}), first message after ${Math.round(median(firstMessageMs))} ms, first line of an empty bench file after ${Math.round(median(firstLineMs))} ms\n`,
  )
} finally {
  rmSync(directory, { recursive: true })
}

async function timeOf(command: readonly string[]): Promise<number> {
  rmSync(time, { force: true })
  const startNs = process.hrtime.bigint()
  const child = spawn('npx', command, { cwd: root, stdio: 'ignore' })
  await once(child, 'close')
  return Number(BigInt(readFileSync(time, 'utf8')) - startNs) / 1e6
}
