import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, globSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import packageJson from './package.json' with { type: 'json' }
import { suiteJsonSchema } from './src/config/json-schema.ts'

/** Makes the package: JavaScript and declarations in `dist/`, and the schema of suite files. */
rmSync('dist', { recursive: true, force: true })

const compiler = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
)
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)

for (const file of globSync('src/**/*.{njk,css}')) cpSync(file, join('dist', file))
for (const file of Object.values(packageJson.bin)) chmodSync(file, 0o755)
writeFileSync('schema.json', `${JSON.stringify(suiteJsonSchema(), null, 2)}\n`)
