import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunResults } from '../judge/result.ts'

const REPOSITORY = join(import.meta.dirname, '../..')
const MARK = 'MAMAMIA_TEST_RUN'

/** A process that a run has started, directly or not. */
export interface StartedProcess {
  readonly pid: number
  readonly command: string
  /** CPU time so far, in ticks of 10 ms. */
  readonly cpuTicks: number
}

export interface BenchRunOptions {
  /** After `--`, instead of those that write results into the directory of the run. */
  readonly flags?: readonly string[]
  /** Before `--`. */
  readonly vitest?: readonly string[]
  /** Whether to write the HTML report too. */
  readonly html?: boolean
  /** A Vitest configuration file instead of the repository's own. */
  readonly config?: string
}

/** A bench file that defines its suites in code, in place of a suite file. */
export interface BenchCode {
  readonly code: string
}

/**
 * `vitest bench` on one suite as a process of its own. Everything that it starts inherits a mark,
 * by which `processes` finds it; disposing kills what is left and removes the files.
 */
export class BenchRun implements AsyncDisposable {
  readonly directory: string
  readonly #mark = randomUUID()
  readonly #child: ChildProcess
  #output = ''

  constructor(suite: BenchCode | string | object, options: BenchRunOptions = {}) {
    // Inside the repository, so that its packages are found.
    mkdirSync(join(REPOSITORY, '.vitest'), { recursive: true })
    this.directory = mkdtempSync(join(REPOSITORY, '.vitest', 'run-'))
    const html = options.html === true ? ['--html', this.htmlFile] : ['--no-html']
    const { flags = [...html, '--json', this.resultsFile], vitest = [] } = options
    const bin = join(REPOSITORY, 'node_modules/vitest/vitest.mjs')
    const which = this.#writeSuite(suite)
    const config = this.#writeConfig(options.config)
    const args = [bin, 'bench', '--run', ...config, ...which.filters, ...vitest]
    args.push('--', ...which.flags, ...flags)
    this.#child = spawn(process.execPath, args, {
      cwd: REPOSITORY,
      env: { ...cleanEnvironment(), NO_COLOR: '1', [MARK]: this.#mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', chunk => {
        this.#output += chunk
      })
    }
  }

  get htmlFile(): string {
    return join(this.directory, 'report.html')
  }

  get resultsFile(): string {
    return join(this.directory, 'results.json')
  }

  get output(): string {
    return this.#output
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  results(): RunResults {
    return JSON.parse(readFileSync(this.resultsFile, 'utf8')) as RunResults
  }

  /** Sends a signal to the whole group, as a terminal does. */
  interrupt(): void {
    process.kill(-this.pid, 'SIGINT')
  }

  /** Resolves with the exit code, or the name of the signal that ended it. */
  async ended(): Promise<number | string> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return exitCode ?? signalCode ?? 0
    const [code, signal] = (await once(this.#child, 'close')) as [number | null, string | null]
    return code ?? signal ?? 0
  }

  /** What runs now with the mark of this run. */
  processes(): readonly StartedProcess[] {
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .flatMap(name => this.#read(Number(name)) ?? [])
  }

  server(): StartedProcess | undefined {
    return this.processes().find(({ command }) => /server\/main\.[jt]s/.test(command))
  }

  worker(): StartedProcess | undefined {
    return this.processes().find(({ command }) => /vitest.*workers/.test(command))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of this.processes()) kill(pid)
    await this.ended()
    rmSync(this.directory, { recursive: true, force: true })
  }

  #writeSuite(suite: BenchCode | string | object) {
    if (typeof suite === 'object' && 'code' in suite) {
      const file = join(this.directory, 'suite.bench.ts')
      writeFileSync(file, suite.code)
      return { filters: [file], flags: [] }
    }
    const file = join(this.directory, 'suite.bench.json')
    writeFileSync(file, typeof suite === 'string' ? suite : JSON.stringify(suite, null, 2))
    return { filters: [], flags: ['--config', file] }
  }

  #writeConfig(config: string | undefined): readonly string[] {
    if (config === undefined) return []
    const file = join(this.directory, 'vitest.config.ts')
    writeFileSync(file, config)
    return ['--config', file, '--root', REPOSITORY]
  }

  #read(pid: number): StartedProcess | undefined {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
      if (!environment.includes(`${MARK}=${this.#mark}`)) return undefined
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      // Behind the name, which may have spaces: state is field 3, utime 14, stime 15.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (fields[0] === 'Z') return undefined
      return { pid, command, cpuTicks: Number(fields[11]) + Number(fields[12]) }
    } catch {
      // It ended while we looked.
      return undefined
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

/** Ours, without what Vitest tells its workers. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !name.startsWith('VITEST') && !['NODE_OPTIONS', 'NODE_ENV', 'TEST', 'CI'].includes(name),
  )
  return Object.fromEntries(inherited)
}
