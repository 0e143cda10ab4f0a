import { z } from 'zod'
import { BenchError } from '../errors.ts'
import { checkValue } from './config-issue.ts'
import { outputFile, showPath, showValue, takes, text } from './field.ts'
import { readEnvironment, readFlags, settle } from './flags.ts'
import type { Suite, SuiteSettings } from './scenario.ts'
import { serverSchema } from './server-schema.ts'

/** What is asked for around the suite file, by those who may overrule it and those who may not. */
export interface Settings {
  /** Path of the one suite to run; absent means those of the project. */
  readonly config?: string
  /** Flags over environment: stronger than the suite file. */
  readonly overrides: Layer
  /** Plugin options: weaker than what the suite file states, stronger than its defaults. */
  readonly fallbacks: Layer
}

type Layer = { readonly [K in keyof SuiteSettings]?: SuiteSettings[K] | undefined }

export interface SettingSources {
  /** What follows `--` on the command line. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly options?: SettingsOptions
}

/** Settings as plugin options. */
export type SettingsOptions = z.input<typeof optionsSchema>

/** Reads all sources of settings; throws CONFIG_INVALID at the first that is wrong. */
export function readSettings({ argv, env, options = {} }: SettingSources): Settings {
  const { config, ...overrides } = {
    ...settle(readEnvironment(env)),
    ...settle(readFlags(argv)),
  }
  const { config: fallbackConfig, ...fallbacks } = readOptions(options)
  const file = config ?? fallbackConfig
  return { ...(file !== undefined && { config: file }), overrides, fallbacks }
}

/** The suite as it runs under `settings`; throws CONFIG_INVALID where they contradict each other. */
export function applySettings(suite: Suite, { overrides, fallbacks }: Settings): Suite {
  const inForce: SuiteSettings = { server: suite.server, ...suite.output }
  const choose = <K extends keyof SuiteSettings>(key: K): SuiteSettings[K] =>
    overrides[key] ?? (suite.stated.includes(key) ? undefined : fallbacks[key]) ?? inForce[key]
  const html = choose('html')
  const json = choose('json')
  if (html !== false && html === json) {
    throw new BenchError(
      'CONFIG_INVALID',
      `Cannot write html and json to one file: both are ${showValue(html)}`,
    )
  }
  return { ...suite, server: choose('server'), output: { cli: choose('cli'), html, json } }
}

const optionsSchema = z.strictObject(
  {
    config: text('a file path', 4096).optional(),
    server: serverSchema.optional(),
    cli: z.boolean(takes('true or false')).optional(),
    html: outputFile().optional(),
    json: outputFile().optional(),
  },
  takes('an object'),
)

function readOptions(options: unknown): z.output<typeof optionsSchema> {
  const check = checkValue(optionsSchema, options, 'the options')
  if (check.kind === 'valid') return check.data
  const lines = check.issues.map(
    ({ path, message }) => `plugin option ${showPath(path, 'object')}: ${message}`,
  )
  throw new BenchError('CONFIG_INVALID', lines.join('\n'))
}
