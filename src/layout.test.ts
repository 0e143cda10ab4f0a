import { globSync, readFileSync } from 'node:fs'
import { dirname, posix } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The folders that each folder may import besides itself; `leaves` are files for everyone. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  measure: [],
  ledger: [],
  config: ['measure'],
  server: ['wire'],
  client: ['wire'],
  driver: ['client', 'config', 'wire'],
  target: ['config'],
  load: ['driver', 'measure', 'ledger', 'config'],
  judge: ['measure', 'ledger', 'config'],
  insight: ['measure', 'judge', 'config'],
  report: ['measure', 'ledger', 'judge', 'insight', 'config'],
  fixtures: ['config', 'target', 'client', 'driver', 'load', 'measure'],
  'vitest/worker': ['fixtures', 'load', 'judge', 'measure', 'ledger', 'config', 'target'],
  'vitest/main': ['config', 'measure', 'judge', 'insight', 'report'],
}

const LEAVES = ['src/errors.ts', 'src/clock.ts', 'src/address.ts']

/** Files that are doors to the outside: what they may import, and nobody imports them. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  'src/index.ts': ['config', 'judge', 'ledger', 'measure', 'vitest/worker'],
  'src/client.ts': ['client'],
  'src/server.ts': ['server'],
  'src/cli.ts': ['config', 'vitest/main'],
}

/** The only places of these packages; a second home is a decision of design. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  vitest: ['fixtures', 'vitest/worker', 'vitest/main', 'src/cli.ts'],
  vite: ['vitest/main'],
  tinybench: ['vitest/worker'],
  'magic-string': ['vitest/main'],
  'jsonc-parser': ['config'],
  zod: ['config'],
  'cli-table3': ['report'],
  nunjucks: ['report'],
  'string-width': ['report'],
  '@msgpack/msgpack': ['wire'],
  'node:net': ['server', 'client', 'src/target/tcp-port.ts'],
  'node:worker_threads': ['load'],
  'node:child_process': ['target', 'src/vitest/main/environment.ts'],
}

const files = globSync(['src/**/*.ts', 'fixtures/**/*.ts'], {
  exclude: ['**/*.test.ts', 'src/testing/**'],
}).map(file => file.replaceAll('\\', '/'))

describe('imports follow the layout', () => {
  test.each(files)('%s', file => {
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) checkOwn(file, posix.join(dirname(file), specifier))
      else checkPackage(file, packageOf(specifier))
    }
  })

  test('every folder has its rule', () => {
    const folders = new Set(files.map(folderOf).filter(folder => folder !== 'src'))
    expect([...folders].toSorted()).toEqual(Object.keys(MAY_IMPORT).toSorted())
  })
})

test('importsOf() sees every form of import', () => {
  const source = `
    import a, { type B } from './a.ts'
    export * from './b.ts'
    import './c.ts'
    const d = await import('./d.ts')
    import {
      e,
    } from './e.ts'`
  expect(specifiersIn(source)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts'])
})

function checkOwn(file: string, target: string): void {
  const home = folderOf(file)
  const imported = folderOf(target)
  expect(DOORS, `${file} imports the door ${target}`).not.toHaveProperty([target])
  if (LEAVES.includes(target) || imported === home) return
  expect(LEAVES, `${file} is a leaf and imports ${target}`).not.toContain(file)
  const allowed = DOORS[file] ?? MAY_IMPORT[home]
  expect(allowed, `${file} imports ${target}`).toContain(imported)
}

function checkPackage(file: string, name: string): void {
  const homes = HOMES[name]
  if (homes === undefined) {
    expect(name, `${file} imports a package without a home`).toMatch(/^node:/)
    return
  }
  const isHome = homes.includes(folderOf(file)) || homes.includes(file)
  expect(isHome, `${file} imports ${name}, whose home is ${homes.join(', ')}`).toBe(true)
}

function importsOf(file: string): readonly string[] {
  return specifiersIn(readFileSync(file, 'utf8'))
}

function specifiersIn(source: string): readonly string[] {
  const forms = /(?:\bfrom |^\s*import |\bimport\()'([^']+)'/gm
  return [...source.matchAll(forms)].map(([, specifier = '']) => specifier)
}

/** `src/vitest/main/plugin.ts` → `vitest/main`; files directly in `src/` → `src`. */
function folderOf(file: string): string {
  const folder = dirname(file)
  return folder === 'src' ? folder : folder.replace(/^src\//, '')
}

/** `vitest/node` → `vitest`, `@msgpack/msgpack/x` → `@msgpack/msgpack`; `node:fs/promises` stays. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}
