import { globSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitest/config'
import type { Vitest } from 'vitest/node'
import { ConfigError } from '../../config/config-error.ts'
import { readSettings, type Settings, type SettingsOptions } from '../../config/settings.ts'
import { parseSuite } from '../../config/suite-file.ts'
import { BenchError } from '../../errors.ts'
import { generateModule } from './generate.ts'
import { plainly } from './plain-error.ts'
import { MamamiaReporter } from './reporter.ts'

/** Weaker than flags, environment and what a suite file states. */
export interface PluginOptions extends SettingsOptions {
  /** Globs of the suite files that `vitest bench` runs; `bench/*.bench.json` and `.jsonc`. */
  readonly include?: readonly string[]
}

const SUITES = ['bench/*.bench.json', 'bench/*.bench.jsonc']

/**
 * Makes JSON files of scenarios bench files of Vitest: `vitest bench` measures and verifies every
 * scenario, prints the table and writes the reports. Flags behind `--` and `MAMAMIA_…` variables
 * are read when the plugin is created.
 */
export function mamamia(options: PluginOptions = {}): Plugin {
  const { include = SUITES, ...settingsOptions } = options
  const settings = once(() =>
    readSettings({
      argv: flagsBehindDashes(process.argv),
      env: process.env,
      options: settingsOptions,
    }),
  )
  return createPlugin(settings, include)
}

/** The plugin with settings from elsewhere; reading them may throw, and does so once Vitest runs. */
export function createPlugin(
  settings: () => Settings,
  include: readonly string[] = SUITES,
): Plugin {
  let configured: string | undefined
  return {
    // Vitest's module cache goes by the names of plugins, so a new version must have a new one.
    name: `mamamia-bench@${packageVersion()}`,
    enforce: 'pre',
    configureVitest({ vitest, project }) {
      const inForce = plainly(settings)
      project.provide('mamamia', inForce)
      const { config: own } = project
      if (!own.benchmark.enabled) return
      const { config } = inForce
      // New arrays: the old ones are shared with the project that this one was derived from.
      if (config === undefined) own.include = [...own.include, ...include]
      else {
        configured = plainly(() => existing(resolve(vitest.config.root, config)))
        own.include = [escapeGlob(configured)]
        own.exclude = []
      }
      own.benchmark.provider ??= pathOf('../worker/provider')
      own.benchmark.suppressExportGetterWarnings = true
      addReporter(vitest, configured === undefined ? inForce : { ...inForce, config: configured })
    },
    async load(id) {
      const file = id.split('?', 1)[0] ?? id
      if (!/\.bench\.jsonc?$/.test(file) && file !== configured) return undefined
      const text = await readFile(file, 'utf8')
      try {
        const suite = parseSuite(text, file)
        const { code, map } = generateModule(text, suite, { workerUrl: pathOf('../worker/entry') })
        // Without the type Vite would read the JavaScript as JSON.
        return { code, map, moduleType: 'js' }
      } catch (thrown) {
        if (thrown instanceof ConfigError) return this.error(located(thrown, file, text))
        throw thrown
      }
    },
  }
}

/** The suite files of a project that `vitest bench` runs by default. */
export function defaultSuiteFiles(root: string): readonly string[] {
  return globSync(SUITES, { cwd: root })
}

function addReporter(vitest: Vitest, settings: Settings): void {
  const { reporters } = vitest.config
  if (reporters.some(reporter => reporter instanceof MamamiaReporter)) return
  // One that is listed by name knows no settings.
  const others = reporters.filter(reporter => ![reporter].flat().includes('mamamia-bench/reporter'))
  vitest.config.reporters = [new MamamiaReporter(settings), ...others]
}

/** Every problem with its place, and the first one shown in the text; our own stack is no help. */
function located(error: ConfigError, file: string, text: string) {
  const places = error.problems.map(
    ({ line, column, message }) => `${relative(process.cwd(), file)}:${line}:${column}: ${message}`,
  )
  const message = places.join('\n')
  const [first] = error.problems
  return Object.assign(new Error(message), {
    id: file,
    frame: first === undefined ? '' : codeFrame(text, first),
    stack: message,
  })
}

const FRAME_LINES_AROUND = 2

function codeFrame(
  text: string,
  place: { readonly line: number; readonly column: number },
): string {
  const first = Math.max(1, place.line - FRAME_LINES_AROUND)
  const lines = text.split(/\r\n|\r|\n/).slice(first - 1, place.line + FRAME_LINES_AROUND)
  const width = String(first + lines.length).length
  const shown = lines.map((line, index) => `${String(first + index).padStart(width)} | ${line}`)
  const caret = `${' '.repeat(width)} | ${' '.repeat(place.column - 1)}^`
  shown.splice(place.line - first + 1, 0, caret)
  return shown.join('\n')
}

/** Without symbolic links, as Vite names the modules that it loads. */
function existing(file: string): string {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new BenchError('CONFIG_INVALID', `Cannot read the suite ${file}: there is no such file`)
  }
  return realpathSync(file)
}

function escapeGlob(path: string): string {
  return path.replace(/[\\!()*?[\]{}]/g, '\\$&')
}

function flagsBehindDashes(argv: readonly string[]): readonly string[] {
  const dashes = argv.indexOf('--')
  return dashes < 0 ? [] : argv.slice(dashes + 1)
}

/** Of a module beside this one; the sources run as they are, a package is built. */
function pathOf(module: string): string {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  return fileURLToPath(new URL(module + extension, import.meta.url))
}

function packageVersion(): string {
  const file = findPackageJSON('.', import.meta.url)
  const { version } = JSON.parse(file === undefined ? '{}' : readFileSync(file, 'utf8')) as {
    readonly version?: string
  }
  return version ?? 'unknown'
}

function once<Value>(read: () => Value): () => Value {
  let known: { readonly value: Value } | undefined
  return () => {
    known ??= { value: read() }
    return known.value
  }
}
