import { parseArgs } from 'node:util'
import { readAddress } from '../address.ts'
import { BenchError } from '../errors.ts'
import { advice } from './config-issue.ts'
import { showValue } from './field.ts'
import type { SuiteSettings } from './scenario.ts'

/** The flags of this version by name, with what a help text says of them. */
export const FLAGS: Readonly<Record<string, Flag>> = {
  addr: { type: 'string', setting: 'addr', takes: 'HOST:PORT', meaning: 'measure that server' },
  'internal-server': {
    type: 'boolean',
    setting: 'internal-server',
    value: true,
    meaning: 'measure the embedded server',
  },
  config: { type: 'string', setting: 'config', takes: 'FILE', meaning: 'run this suite only' },
  html: { type: 'string', setting: 'html', takes: 'FILE', meaning: 'write the HTML report there' },
  'no-html': { type: 'boolean', setting: 'html', value: false, meaning: 'write no HTML report' },
  json: { type: 'string', setting: 'json', takes: 'FILE', meaning: 'write the JSON results there' },
  'no-json': { type: 'boolean', setting: 'json', value: false, meaning: 'write no JSON results' },
  'no-cli': { type: 'boolean', setting: 'cli', value: false, meaning: 'print no table' },
}

export type Flag = { readonly setting: SettingName; readonly meaning: string } & (
  | { readonly type: 'string'; readonly takes: string }
  | { readonly type: 'boolean'; readonly value: boolean }
)

type SettingName = 'addr' | 'internal-server' | 'config' | 'html' | 'json' | 'cli'

/** One setting as it came in; `source` is the name its writer knows: `--addr`. */
export interface Given {
  readonly setting: SettingName
  readonly value: string | boolean
  readonly source: string
}

/** Reads what follows `--`; throws CONFIG_INVALID at the first unknown or incomplete flag. */
export function readFlags(argv: readonly string[]): Given[] {
  // Strict mode would name neither the flag nor the nearest one; the tokens let us do both.
  const { tokens } = parseArgs({ args: [...argv], options: FLAGS, strict: false, tokens: true })
  return tokens.map((token): Given => {
    if (token.kind !== 'option') {
      const argument = token.kind === 'positional' ? token.value : '--'
      throw invalid(`Cannot use the argument ${showValue(argument)}: only flags are known here`)
    }
    const { name, rawName: source, value, inlineValue } = token
    const flag = Object.hasOwn(FLAGS, name) && source === `--${name}` ? FLAGS[name] : undefined
    if (flag === undefined) {
      const known = Object.keys(FLAGS).map(flag => `--${flag}`)
      throw invalid(`Cannot use the unknown flag ${showValue(source)}: ${advice(source, known)}`)
    }
    const { setting } = flag
    if (flag.type === 'boolean') {
      if (value === undefined) return { setting, value: flag.value, source }
      throw invalid(`Cannot use ${showValue(value)} as ${source}: it takes no value`)
    }
    // `--addr --html x` lacks an address; it does not name one.
    if (value === undefined || (!inlineValue && value.startsWith('-'))) {
      throw invalid(`Cannot use ${source} without a value: it takes ${flag.takes}`)
    }
    return { setting, value, source }
  })
}

const VARIABLES = {
  MAMAMIA_ADDR: 'addr',
  MAMAMIA_INTERNAL_SERVER: 'internal-server',
  MAMAMIA_CONFIG: 'config',
  MAMAMIA_HTML: 'html',
  MAMAMIA_JSON: 'json',
  MAMAMIA_CLI: 'cli',
} as const
const WORDS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

/** Reads the variables of ours that are set and not empty; others are none of our business. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Given[] {
  return Object.entries(VARIABLES).flatMap(([source, setting]): Given[] => {
    const written = env[source]
    if (written === undefined || written === '') return []
    const isText = setting === 'addr' || setting === 'config'
    return [{ setting, value: isText ? written : (WORDS.get(written) ?? written), source }]
  })
}

/** Settings of one source, checked; only what was given is present. */
export type Settled = { readonly config?: string } & Partial<SuiteSettings>

/** Checks settings of one source, whose members must not contradict each other. */
export function settle(given: readonly Given[]): Settled {
  for (const { setting, value, source } of given) {
    const rival = given.find(
      other =>
        (other.setting === setting && other.source !== source) ||
        (setting === 'addr' && other.setting === 'internal-server' && other.value === true),
    )
    if (rival === undefined) continue
    throw invalid(
      `Cannot use ${source} and ${rival.source} together: they contradict each other, with ${showValue(value)} and ${showValue(rival.value)}`,
    )
  }
  return Object.assign({}, ...given.map(settleOne))
}

function settleOne({ setting, value, source }: Given): Settled {
  const refuse = (reason: string) =>
    invalid(`Cannot use ${showValue(value)} as ${source}: ${reason}`)
  switch (setting) {
    case 'addr': {
      const address = readAddress(String(value))
      if (address.kind === 'invalid') throw refuse(address.reason)
      return { server: address }
    }
    case 'internal-server':
      if (typeof value === 'string') throw refuse('it takes true or false')
      return value ? { server: { kind: 'embedded' } } : {}
    case 'cli':
      if (typeof value === 'string') throw refuse('it takes true or false')
      return { cli: value }
    case 'config':
      if (typeof value !== 'string' || value.trim() === '') throw refuse('it takes a file path')
      return { config: value }
    case 'html':
    case 'json':
      if (value === true || (value !== false && value.trim() === '')) {
        throw refuse('it takes a file path')
      }
      return { [setting]: value }
    default:
      return setting satisfies never
  }
}

function invalid(message: string): BenchError {
  return new BenchError('CONFIG_INVALID', message)
}
