import { execFile } from 'node:child_process'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { promisify } from 'node:util'
import type { Environment } from '../../judge/result.ts'

const GIT_LIMIT_MS = 2000

/** What the figures depend on besides the code under test. */
export async function readEnvironment(root: string): Promise<Environment> {
  const commit = await readCommit(root)
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    ...(commit !== undefined && { commit }),
  }
}

/** Outside of a repository, or without git, there is no commit to state. */
async function readCommit(root: string): Promise<string | undefined> {
  try {
    const commit = await git(root, ['rev-parse', 'HEAD'])
    const changes = await git(root, ['status', '--porcelain', '--untracked-files=no'])
    return changes === '' ? commit : `${commit}-dirty`
  } catch {
    return undefined
  }
}

async function git(root: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: root, timeout: GIT_LIMIT_MS })
  return stdout.trim()
}
