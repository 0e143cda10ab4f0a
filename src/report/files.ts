import { lstat, mkdir, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BenchError, messageOf } from '../errors.ts'

/** A file to be written; `what` names it in messages: `HTML report`. */
export interface OutputFile {
  readonly what: string
  readonly path: string
}

/**
 * Throws OUTPUT_UNWRITABLE unless `writeOutput` can be expected to work, so that a run does not
 * find it out at its end. Creates the parent directories; leaves an existing file as it is.
 */
export async function assertWritable(file: OutputFile): Promise<void> {
  await attempt(file, async () => {
    await makeRoom(file.path)
    await rm(await temporaryDirectory(file.path), { recursive: true })
  })
}

/** Writes the file so that a reader sees the old one or the new one, never a part. */
export async function writeOutput(file: OutputFile, content: string): Promise<void> {
  await attempt(file, async () => {
    await makeRoom(file.path)
    const directory = await temporaryDirectory(file.path)
    try {
      const complete = join(directory, 'complete')
      await writeFile(complete, content)
      await rename(complete, file.path)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
}

async function attempt(file: OutputFile, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw new BenchError(
      'OUTPUT_UNWRITABLE',
      `Cannot write the ${file.what} to ${file.path}: ${reasonOf(error)}`,
      { cause: error },
    )
  }
}

async function makeRoom(path: string): Promise<void> {
  await makeDirectory(dirname(path))
  const existing = await lstat(path).catch(absent)
  if (existing === undefined) return
  if (existing.isDirectory()) throw new Error('it is a directory')
  // Renaming onto a link or a device would replace it: with enough rights, /dev/null itself.
  if (!existing.isFile()) throw new Error('it is not a regular file')
  const handle = await open(path, 'r+')
  await handle.close()
}

/** One at a time: where a parent cannot have children, as in /proc, `recursive` never returns. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const { code } = Object(error) as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT') throw error
    await makeDirectory(dirname(path))
    await mkdir(path)
  }
}

/** Beside the file, because a rename is atomic only within one file system. */
function temporaryDirectory(path: string): Promise<string> {
  return mkdtemp(join(dirname(path), '.mamamia-bench-'))
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

function reasonOf(error: unknown): string {
  return REASONS.get(codeOf(error)) ?? messageOf(error)
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space is left'],
  ['EDQUOT', 'no space is left'],
  ['EEXIST', 'its parent is not a directory'],
  ['ENOTDIR', 'its parent is not a directory'],
  ['ENAMETOOLONG', 'the path is too long'],
])
