import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** What a command printed, and how it ended. */
export interface Outcome {
  readonly exitCode: number
  readonly output: string
}

const OUTPUT_BYTES_MAX = 16 * 1024 * 1024

/** Runs a command to its end with the Node that runs us, whatever the machine's own is. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter)
  // What Vitest tells its workers must not reach a Vitest of our own.
  const { NODE_OPTIONS, VITEST, VITEST_POOL_ID, VITEST_WORKER_ID, NODE_ENV, ...inherited } =
    process.env
  const options = {
    cwd,
    maxBuffer: OUTPUT_BYTES_MAX,
    env: { ...inherited, NO_COLOR: '1', ...env, PATH: path },
  }
  return new Promise(resolve => {
    execFile(command, args, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ exitCode, output: stdout + stderr })
    })
  })
}

/** A directory of a user, with the package installed from its packed file; disposing removes it. */
export interface PackedProject extends Disposable {
  readonly root: string
  write(file: string, content: string): void
  run(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome>
}

/** Packs the repository at `repository` and installs it as a user would. */
export async function installPacked(repository: string): Promise<PackedProject> {
  const root = mkdtempSync(join(tmpdir(), 'mamamia-packed-'))
  const project: PackedProject = {
    root,
    write(file, content) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), content)
    },
    run: (command, args, env) => run(command, args, root, env),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
  const packed = await run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', root],
    repository,
  )
  const tarball = readTarballName(packed)
  project.write('package.json', '{ "name": "user", "private": true, "type": "module" }\n')
  const { devDependencies } = JSON.parse(
    readFileSync(join(repository, 'package.json'), 'utf8'),
  ) as {
    readonly devDependencies: Readonly<Record<string, string>>
  }
  const peers = ['vitest', 'vite', 'typescript', '@types/node'].map(
    name => `${name}@${devDependencies[name]}`,
  )
  const installed = await project.run('npm', [
    'install',
    '--prefer-offline',
    `./${tarball}`,
    ...peers,
  ])
  if (installed.exitCode !== 0) throw new Error(`Cannot install the package: ${installed.output}`)
  return project
}

function readTarballName({ exitCode, output }: Outcome): string {
  const name = /"filename":\s*"([^"]+\.tgz)"/.exec(output)?.[1]
  if (exitCode !== 0 || name === undefined) throw new Error(`Cannot pack the package: ${output}`)
  return name
}
