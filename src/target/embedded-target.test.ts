import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { startEmbeddedTarget } from './embedded-target.ts'
import { membersOf } from './group-members.ts'
import { startTarget } from './start-target.ts'
import { probeAddress } from './tcp-port.ts'

const folder = mkdtempSync(join(tmpdir(), 'embedded-target-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Starts a script in place of the server's process entry. */
function startScript(script: string, args: readonly string[] = []) {
  const entry = join(folder, 'main.mjs')
  writeFileSync(entry, script)
  return startEmbeddedTarget({ clock: systemClock, args, entry })
}

test('startTarget() starts the embedded server on a port of its own', async () => {
  await using target = await startTarget({ kind: 'embedded' })
  expect(target).toMatchObject({ kind: 'embedded', host: '127.0.0.1', pid: expect.any(Number) })
  expect(await probeAddress(target, { clock: systemClock, limitMs: 1_000 })).toEqual({
    kind: 'accepted',
  })
})

test('Target.stats() asks the embedded server', async () => {
  await using target = await startTarget({ kind: 'embedded' })
  expect(await Promise.all([target.stats(), target.stats()])).toEqual([
    expect.any(Object),
    expect.any(Object),
  ])
})

test.runIf(process.platform === 'linux')('Target.usage() is of the server alone', async () => {
  await using target = await startTarget({ kind: 'embedded' })
  expect(membersOf(target.pid ?? 0).map(member => member.pid)).toEqual([target.pid])
  const usage = await target.usage()
  expect(usage?.cpuNs).toBeGreaterThan(1e6)
  expect(usage?.memoryBytes).toBeGreaterThan(1e7)
})

test('Target[Symbol.asyncDispose]() ends the embedded server', async () => {
  const target = await startTarget({ kind: 'embedded' })
  await target[Symbol.asyncDispose]()
  await expect(target.stats()).rejects.toMatchObject({ code: 'SERVER_EXITED' })
  expect(await probeAddress(target, { clock: systemClock, limitMs: 1_000 })).toMatchObject({
    reason: 'connection refused',
  })
})

test('startTarget() shows what the embedded server says of a wrong argument', async () => {
  await expect(
    startTarget({ kind: 'embedded' }, { embeddedArgs: ['--no-such-option'] }),
  ).rejects.toMatchObject({
    code: 'SERVER_START_FAILED',
    message: expect.stringMatching(
      /^Cannot start the server of this package: it exited with code \d+; its stderr ends with:\n.*no-such-option/s,
    ),
  })
})

test('startEmbeddedTarget() reads the announcement of an IPv6 address, however it is cut', async () => {
  await using target = await startScript(`
    process.stdout.write('warming up\\nlistening on [::')
    setImmediate(() => process.stdout.write('1]:4242\\nand more\\n'))
    setInterval(() => {}, 1000)
  `)
  expect(target).toMatchObject({ host: '::1', port: 4242 })
})

test('startEmbeddedTarget() passes its arguments, and neither NODE_OPTIONS nor our own flags', async () => {
  await using target = await startScript(
    `import { Socket } from 'node:net'
    const { argv, execArgv, env } = process
    const stats = { args: argv.slice(2), execArgv, nodeOptions: env.NODE_OPTIONS }
    const channel = new Socket({ fd: 3 })
    channel.on('data', () => channel.write(JSON.stringify({ id: 1, stats }) + '\\n'))
    console.log('listening on 127.0.0.1:1')`,
    ['--further', 'a "b" $c'],
  )
  expect(await target.stats()).toEqual({
    args: ['--port', '0', '--channel-fd', '3', '--further', 'a "b" $c'],
    execArgv: [],
  })
})

test('Target.stats() fails when the server closes the channel', async () => {
  await using target = await startScript(`
    import { closeSync } from 'node:fs'
    closeSync(3)
    console.log('listening on 127.0.0.1:1')
    setInterval(() => {}, 1000)
  `)
  await expect(target.stats()).rejects.toMatchObject({ code: 'SERVER_EXITED' })
})
