import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { openFilesMax } from './open-files.ts'

const MODULE = new URL('open-files.ts', import.meta.url).href

/** The limit as a process sees it whose shell was given `ulimit`. */
function limitUnder(ulimit: string): string {
  const script = `import { openFilesMax } from '${MODULE}'; console.log(openFilesMax())`
  const command = `ulimit -n ${ulimit} && exec "$0" --input-type=module -e "$1"`
  return execFileSync('sh', ['-c', command, process.execPath, script], { encoding: 'utf8' }).trim()
}

test('openFilesMax() is the limit of the process', () => {
  expect(limitUnder('123')).toBe('123')
})

test('openFilesMax() leaves reports as they were', () => {
  const { excludeNetwork } = process.report as { excludeNetwork?: boolean }
  expect(openFilesMax()).toBeGreaterThan(64)
  expect((process.report as { excludeNetwork?: boolean }).excludeNetwork).toBe(excludeNetwork)
})
