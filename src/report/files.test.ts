import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, describe, expect } from 'vitest'
import { BenchError } from '../errors.ts'
import { assertWritable, type OutputFile, writeOutput } from './files.ts'

const test = base.extend('directory', async ({}, { onCleanup }) => {
  const directory = await mkdtemp(join(tmpdir(), 'mamamia-files-'))
  onCleanup(() => rm(directory, { recursive: true, force: true }))
  return directory
})

describe('assertWritable()', () => {
  test('creates parent directories and nothing else', async ({ directory }) => {
    await assertWritable(report(join(directory, 'a/b/report.html')))
    expect(await readdir(join(directory, 'a/b'))).toEqual([])
  })

  test('leaves an existing report as it is', async ({ directory }) => {
    const path = join(directory, 'report.html')
    await writeFile(path, 'yesterday')
    const before = await stat(path)
    await assertWritable(report(path))
    expect(await readFile(path, 'utf8')).toBe('yesterday')
    expect((await stat(path)).mtimeMs).toBe(before.mtimeMs)
    expect(await readdir(directory)).toEqual(['report.html'])
  })

  test('refuses a directory', async ({ directory }) => {
    await expectRefusal(assertWritable(report(directory)), directory, 'it is a directory')
  })

  test('refuses a path below a file', async ({ directory }) => {
    await writeFile(join(directory, 'file'), '')
    for (const path of [join(directory, 'file/report.html'), join(directory, 'file/x/report.html')])
      await expectRefusal(assertWritable(report(path)), path, 'its parent is not a directory')
  })

  test('refuses a device and a link, which a rename would replace', async ({ directory }) => {
    const link = join(directory, 'link.html')
    await symlink('/dev/null', link)
    await expectRefusal(assertWritable(report(link)), link, 'it is not a regular file')
    await expectRefusal(
      assertWritable(report('/dev/null')),
      '/dev/null',
      'it is not a regular file',
    )
  })

  test('refuses a name that is too long', async ({ directory }) => {
    const path = join(directory, 'x'.repeat(300))
    await expectRefusal(assertWritable(report(path)), path, 'the path is too long')
  })

  test('refuses a directory and a file without permission', async ({ directory }) => {
    const path = join(directory, 'report.html')
    await chmod(directory, 0o555)
    await expectRefusal(
      asNobody(() => assertWritable(report(path))),
      path,
      'permission denied',
    )
    await chmod(directory, 0o777)
    await writeFile(path, 'yesterday', { mode: 0o444 })
    await expectRefusal(
      asNobody(() => assertWritable(report(path))),
      path,
      'permission denied',
    )
  })
})

describe('writeOutput()', () => {
  test('replaces the whole file and leaves nothing beside it', async ({ directory }) => {
    const path = join(directory, 'reports/report.html')
    await writeOutput(report(path), 'a long first version')
    await writeOutput(report(path), 'second')
    expect(await readFile(path, 'utf8')).toBe('second')
    expect(await readdir(join(directory, 'reports'))).toEqual(['report.html'])
  })

  test('refuses a directory and leaves nothing in it', async ({ directory }) => {
    await expectRefusal(writeOutput(report(directory), 'text'), directory, 'it is a directory')
    expect(await readdir(directory)).toEqual([])
  })
})

function report(path: string): OutputFile {
  return { what: 'HTML report', path }
}

async function expectRefusal(work: Promise<void>, path: string, reason: string): Promise<void> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect.assert(error instanceof BenchError)
  expect(error.code).toBe('OUTPUT_UNWRITABLE')
  expect(error.message).toBe(`Cannot write the HTML report to ${path}: ${reason}`)
}

/** Root may write anywhere, so a test of permissions that runs as root has to stop being root. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(65_534)
  try {
    await work()
  } finally {
    process.seteuid?.(0)
  }
}
