import { describe, expect, test } from 'vitest'
import { BenchError } from '../errors.ts'
import { applySettings, readSettings } from './settings.ts'
import { defineSuite } from './suite.ts'

const SCENARIOS = [{ name: 'A', msgs: 1, producers: 1, consumers: 1 }]
const PLAIN = defineSuite({ scenarios: SCENARIOS })

function fromFlags(...argv: string[]) {
  return readSettings({ argv, env: {} })
}

describe('readSettings()', () => {
  test('reads every flag', () => {
    expect(
      fromFlags(
        '--addr',
        'localhost:9000',
        '--config=a b.json',
        '--html',
        'h',
        '--json',
        'j',
        '--no-cli',
      ),
    ).toEqual({
      config: 'a b.json',
      overrides: {
        server: { kind: 'address', host: 'localhost', port: 9000 },
        html: 'h',
        json: 'j',
        cli: false,
      },
      fallbacks: {},
    })
    expect(fromFlags('--internal-server', '--no-html', '--no-json').overrides).toEqual({
      server: { kind: 'embedded' },
      html: false,
      json: false,
    })
  })

  test('reads every variable, and takes an empty one for absent', () => {
    const env = {
      MAMAMIA_ADDR: '[::1]:9000',
      MAMAMIA_INTERNAL_SERVER: 'false',
      MAMAMIA_CONFIG: 'c.json',
      MAMAMIA_HTML: 'false',
      MAMAMIA_JSON: '',
      MAMAMIA_CLI: '1',
      MAMAMIA_ELSE: 'x',
    }
    expect(readSettings({ argv: [], env })).toEqual({
      config: 'c.json',
      overrides: { server: { kind: 'address', host: '::1', port: 9000 }, html: false, cli: true },
      fallbacks: {},
    })
  })

  test('puts flags over environment over options, key by key', () => {
    const settings = readSettings({
      argv: ['--internal-server', '--json', 'flag.json'],
      env: { MAMAMIA_ADDR: 'localhost:1', MAMAMIA_CONFIG: 'env.json', MAMAMIA_HTML: 'env.html' },
      options: { config: 'option.json', html: 'option.html', server: { addr: 'localhost:2' } },
    })
    expect(settings.config).toBe('env.json')
    expect(settings.overrides).toEqual({
      server: { kind: 'embedded' },
      html: 'env.html',
      json: 'flag.json',
    })
    expect(settings.fallbacks).toEqual({
      html: 'option.html',
      server: { kind: 'address', host: 'localhost', port: 2 },
    })
  })

  test('takes config from the options where nothing stronger names one', () => {
    expect(readSettings({ argv: [], env: {}, options: { config: 'o.json' } }).config).toBe('o.json')
  })

  const ADDRESS_FORM = 'write it as localhost:9000 or [::1]:9000'
  test.each([
    {
      argv: ['--adr', 'x:1'],
      message: 'Cannot use the unknown flag "--adr": did you mean "--addr"?',
    },
    {
      argv: ['--colour'],
      message:
        'Cannot use the unknown flag "--colour": the known names are --addr, --internal-server, --config, --html, --no-html, --json, --no-json, --no-cli',
    },
    { argv: ['--constructor'], message: 'Cannot use the unknown flag "--constructor"' },
    { argv: ['-a'], message: 'Cannot use the unknown flag "-a"' },
    { argv: ['smoke'], message: 'Cannot use the argument "smoke": only flags are known here' },
    { argv: ['--', 'x'], message: 'Cannot use the argument "--": only flags are known here' },
    { argv: ['--addr'], message: 'Cannot use --addr without a value: it takes HOST:PORT' },
    {
      argv: ['--config', '--no-html'],
      message: 'Cannot use --config without a value: it takes FILE',
    },
    { argv: ['--config='], message: 'Cannot use "" as --config: it takes a file path' },
    { argv: ['--html= '], message: 'Cannot use " " as --html: it takes a file path' },
    { argv: ['--no-html=x'], message: 'Cannot use "x" as --no-html: it takes no value' },
    {
      argv: ['--addr', 'localhost'],
      message: `Cannot use "localhost" as --addr: it has no port; ${ADDRESS_FORM}`,
    },
    {
      argv: ['--addr', 'localhost:99999'],
      message: `Cannot use "localhost:99999" as --addr: the port is not a whole number from 1 to 65535; ${ADDRESS_FORM}`,
    },
    {
      argv: ['--addr', ':9000'],
      message: `Cannot use ":9000" as --addr: it has no host; ${ADDRESS_FORM}`,
    },
    {
      argv: ['--addr', 'localhost:1', '--internal-server'],
      message: 'Cannot use --addr and --internal-server together',
    },
    { argv: ['--html', 'x', '--no-html'], message: 'Cannot use --html and --no-html together' },
  ])('refuses the flags $argv', ({ argv, message }) => {
    expect(() => fromFlags(...argv)).toThrow(BenchError)
    expect(() => fromFlags(...argv)).toThrow(message)
  })

  test.each([
    {
      env: { MAMAMIA_ADDR: 'localhost' },
      message: `Cannot use "localhost" as MAMAMIA_ADDR: it has no port; ${ADDRESS_FORM}`,
    },
    {
      env: { MAMAMIA_ADDR: 'localhost:1', MAMAMIA_INTERNAL_SERVER: '1' },
      message: 'Cannot use MAMAMIA_ADDR and MAMAMIA_INTERNAL_SERVER together',
    },
    {
      env: { MAMAMIA_CLI: 'maybe' },
      message: 'Cannot use "maybe" as MAMAMIA_CLI: it takes true or false',
    },
    {
      env: { MAMAMIA_INTERNAL_SERVER: 'x' },
      message: 'Cannot use "x" as MAMAMIA_INTERNAL_SERVER: it takes true or false',
    },
    {
      env: { MAMAMIA_HTML: 'true' },
      message: 'Cannot use true as MAMAMIA_HTML: it takes a file path',
    },
  ])('refuses the environment $env', ({ env, message }) => {
    expect(() => readSettings({ argv: [], env })).toThrow(message)
  })

  test('refuses options that are unknown or wrong, all at once', () => {
    const options = JSON.parse('{"confg": "x", "html": 3}')
    expect(() => readSettings({ argv: [], env: {}, options })).toThrow(
      [
        'plugin option html: Cannot use 3 as html: it takes a file path, or false',
        'plugin option confg: Cannot use the unknown key "confg" in the options: did you mean "config"?',
      ].join('\n'),
    )
  })
})

describe('applySettings()', () => {
  test('puts flags over the suite file', () => {
    const suite = defineSuite({
      server: { addr: 'localhost:1' },
      output: { cli: true, html: 'file.html', json: 'file.json' },
      scenarios: SCENARIOS,
    })
    const settings = fromFlags('--internal-server', '--no-html', '--no-cli')
    expect(applySettings(suite, settings)).toEqual({
      ...suite,
      server: { kind: 'embedded' },
      output: { cli: false, html: false, json: 'file.json' },
    })
  })

  test('puts options under what the file states and over its defaults', () => {
    const suite = defineSuite({ output: { html: 'file.html' }, scenarios: SCENARIOS })
    const settings = readSettings({
      argv: [],
      env: {},
      options: { server: { addr: 'localhost:2' }, html: false, json: 'option.json' },
    })
    const { server, output } = applySettings(suite, settings)
    expect(server).toEqual({ kind: 'address', host: 'localhost', port: 2 })
    expect(output).toEqual({ cli: true, html: 'file.html', json: 'option.json' })
  })

  test('leaves the suite as it is without settings', () => {
    expect(applySettings(PLAIN, fromFlags())).toEqual(PLAIN)
  })

  test('refuses one file for both reports', () => {
    expect(() => applySettings(PLAIN, fromFlags('--html', 'reports/results.json'))).toThrow(
      'Cannot write html and json to one file: both are "reports/results.json"',
    )
  })
})
