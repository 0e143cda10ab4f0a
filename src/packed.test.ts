import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunResults } from './judge/result.ts'
import { installPacked, type PackedProject } from './testing/packed-project.ts'

const REPOSITORY = join(import.meta.dirname, '..')
const README = readFileSync(join(REPOSITORY, 'README.md'), 'utf8')
const INSTALL_LIMIT_MS = 180_000
const RUN_LIMIT_MS = 120_000

/** A code block of the README, by the file name in its first line. */
function fromReadme(file: string): string {
  const start = README.indexOf(`// ${file}\n`)
  expect(start, `README has no block // ${file}`).toBeGreaterThan(0)
  return README.slice(start, README.indexOf('```', start))
}

describe('the packed package in a fresh project', () => {
  let project: PackedProject

  beforeAll(async () => {
    project = await installPacked(REPOSITORY)
    for (const file of [
      'vitest.config.ts',
      'orders.test.ts',
      'bench/generated.bench.ts',
      'plain-node.ts',
    ]) {
      project.write(file, fromReadme(file))
    }
    project.write('bench/orders.bench.json', fromReadme('bench/orders.bench.json'))
  }, INSTALL_LIMIT_MS)

  afterAll(() => project?.[Symbol.dispose]())

  test('measures the suite of the README with its three-line config', {
    timeout: RUN_LIMIT_MS,
  }, async () => {
    const { exitCode, output } = await project.run('npx', ['vitest', 'bench', '--run'])

    expect(output).toMatch(/Orders at noon +pass .*exactly-once/)
    expect(output).toMatch(/2 consumers +pass .*exactly-once/)
    expect(exitCode, output).toBe(0)
    const results = JSON.parse(
      readFileSync(join(project.root, 'reports/results.json'), 'utf8'),
    ) as RunResults
    expect(
      results.suites.flatMap(suite => suite.scenarios.map(scenario => scenario.status)),
    ).toEqual(['pass', 'pass', 'pass'])
    expect(existsSync(join(project.root, 'reports/report.html'))).toBe(true)
  })

  test('runs the tests of the README with its fixtures and matchers', {
    timeout: RUN_LIMIT_MS,
  }, async () => {
    const { exitCode, output } = await project.run('npx', ['vitest', 'run'])

    expect(output).toMatch(/Tests +2 passed/)
    expect(exitCode, output).toBe(0)
  })

  test('type-checks in strict mode', { timeout: RUN_LIMIT_MS }, async () => {
    project.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          target: 'ES2024',
          lib: ['ES2024', 'ESNext.Disposable', 'DOM'],
          module: 'NodeNext',
          types: ['node'],
          skipLibCheck: true,
        },
        include: ['*.ts', 'bench'],
      }),
    )
    const { exitCode, output } = await project.run('npx', ['tsc'])

    expect(output).not.toContain('error TS')
    expect(exitCode, output).toBe(0)
  })

  test('has a bin that measures without any config', { timeout: RUN_LIMIT_MS }, async () => {
    const args = [
      'mamamia-bench',
      '--config',
      'bench/orders.bench.json',
      '--no-html',
      '--json',
      'own.json',
    ]
    const { exitCode, output } = await project.run('npx', args)

    expect(output).toContain('1 scenario: 1 pass')
    expect(exitCode, output).toBe(0)
    expect(existsSync(join(project.root, 'own.json'))).toBe(true)
  })
})
