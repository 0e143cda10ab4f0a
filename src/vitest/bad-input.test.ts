import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BenchRun } from '../testing/bench-run.ts'

const SCENARIO = { name: 'one', msgs: 100, producers: 1, consumers: 1, warmupMsgs: 0 }

/** Runs to the end; whatever it was, nothing may be left running. */
async function outcomeOf(
  suite: string | object,
  flags?: readonly string[],
): Promise<{ readonly exit: number | string; readonly output: string }> {
  await using run = new BenchRun(suite, flags === undefined ? {} : { flags })
  const exit = await run.ended()
  await expect.poll(() => run.processes(), { timeout: 10_000 }).toEqual([])
  return { exit, output: run.output }
}

describe('a suite file that is wrong fails with file, line and key', () => {
  test.each([
    {
      what: 'malformed JSON',
      suite: '{\n  "scenarios": [\n    { "name": "a" }\n    { "name": "b" }\n  ]\n}',
      message: 'suite.bench.json:4:5: Cannot read the file as JSON: a comma is expected',
    },
    {
      what: 'an unknown key',
      suite: { scenarios: [{ ...SCENARIO, producrs: 1 }] },
      message: /suite\.bench\.json:\d+:7: .*"producrs".*did you mean "producers"/,
    },
    {
      what: 'a negative count',
      suite: { scenarios: [{ ...SCENARIO, msgs: -1 }] },
      message: /suite\.bench\.json:5:7: Cannot use -1 as msgs/,
    },
    {
      what: 'a fraction of a consumer',
      suite: { scenarios: [{ ...SCENARIO, consumers: 1.5 }] },
      message: 'Cannot use 1.5 as consumers',
    },
    {
      what: 'two scenarios of one name',
      suite: { scenarios: [SCENARIO, SCENARIO] },
      message: 'Cannot use the name "one" twice',
    },
    {
      what: 'no scenario',
      suite: { scenarios: [] },
      message: /suite\.bench\.json:2:3: .*scenarios/,
    },
    {
      what: 'a budget for an unknown metric',
      suite: { scenarios: [{ ...SCENARIO, budgets: { 'latencyMs.p59': 1 } }] },
      message: 'did you mean "latencyMs.p50"',
    },
  ])('$what', async ({ suite, message }) => {
    const { exit, output } = await outcomeOf(suite)

    expect(output).toMatch(message)
    expect(exit).toBe(1)
  })
})

describe('settings that are wrong stop the run with one message', () => {
  const suite = { scenarios: [SCENARIO] }

  test.each([
    { flags: ['--adr', 'localhost:9000'], message: 'did you mean "--addr"' },
    { flags: ['--addr', 'localhost'], message: 'Cannot use "localhost" as --addr: it has no port' },
    { flags: ['--config', 'nowhere.json'], message: /Cannot read the suite .*nowhere\.json/ },
  ])('$flags', async ({ flags, message }) => {
    const { exit, output } = await outcomeOf(suite, flags)

    expect(output).toMatch(message)
    expect(exit).toBe(1)
  })

  test('an output that cannot be written is found before anything is measured', async () => {
    await using run = new BenchRun(suite, {
      flags: ['--html', join(import.meta.filename, 'r.html')],
    })

    expect(await run.ended()).toBe(1)
    expect(run.output).toMatch(/Cannot write the HTML report to .*its parent is not a directory/)
    expect(run.output).not.toContain('msg/s')
    expect(run.output, 'our stack does not bury the message').not.toContain(' at ')
  })
})

describe('a server that cannot be had fails the scenario with one message', () => {
  test('an address where nobody listens is named', async () => {
    await using run = new BenchRun({ server: { addr: 'localhost:1' }, scenarios: [SCENARIO] })

    expect(await run.ended()).toBe(1)
    expect(run.output).toContain('Cannot reach the server at localhost:1: connection refused')
    expect(run.results().suites[0]?.scenarios[0]).toMatchObject({
      status: 'error',
      error: { code: 'SERVER_UNREACHABLE' },
      correctness: { verdict: 'unknown' },
    })
  })

  test('a command that ends at once is shown with its last words', async () => {
    const server = { command: "echo 'port {port} is cursed' >&2; exit 3" }
    const { exit, output } = await outcomeOf({ server, scenarios: [SCENARIO] })

    expect(output).toMatch(/port \d+ is cursed/)
    expect(output).toContain('3')
    expect(exit).toBe(1)
  })

  test('a server that stops answering ends the run with a diagnosis', async () => {
    const silent = createServer(socket => socket.on('error', () => socket.destroy()).resume())
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    expect.assert(typeof address === 'object' && address !== null, 'it has no TCP address')
    const scenario = { ...SCENARIO, stallTimeoutMs: 500 }
    await using run = new BenchRun({
      server: { addr: `127.0.0.1:${address.port}` },
      scenarios: [scenario],
    })

    expect(await run.ended()).toBe(1)
    silent.close()
    expect(run.output).toMatch(/No progress for \d+ ms: 0 of 100 messages acknowledged/)
    expect(run.results().suites[0]?.scenarios[0]?.correctness.verdict).toBe('unknown')
  })
})

test('a suite of another name runs by --config', async () => {
  await using run = new BenchRun({ scenarios: [SCENARIO] })
  await run.ended()
  const file = join(run.directory, 'any name [1].txt')
  writeFileSync(file, JSON.stringify({ scenarios: [SCENARIO] }))
  await using other = new BenchRun(
    { scenarios: [SCENARIO] },
    { flags: ['--config', file, '--no-html', '--json', run.resultsFile] },
  )

  expect(await other.ended(), other.output).toBe(0)
  expect(run.results().suites[0]?.file).toContain('any name [1].txt')
})

// Vite names modules by their real paths, and only a suite of another name is known by its path.
test('a suite of another name runs through a symbolic link', async () => {
  await using run = new BenchRun({ scenarios: [SCENARIO] })
  await run.ended()
  const real = join(run.directory, 'real')
  mkdirSync(real)
  writeFileSync(join(real, 'suite.txt'), JSON.stringify({ scenarios: [SCENARIO] }))
  symlinkSync(real, join(run.directory, 'link'))
  await using other = new BenchRun(
    { scenarios: [SCENARIO] },
    { flags: ['--config', join(run.directory, 'link/suite.txt'), '--no-html', '--no-json'] },
  )

  expect(await other.ended(), other.output).toBe(0)
  expect(other.output).toContain('1 scenario: 1 pass')
})
