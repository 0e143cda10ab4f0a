import { expect, test } from 'vitest'
import { OutputTail } from './output-tail.ts'

test('OutputTail.lines() returns the lines across chunks that end anywhere', () => {
  const tail = new OutputTail()
  for (const byte of Buffer.from('Traceback:\r\n\n  Bärenfalle\n')) tail.push(Buffer.of(byte))
  expect(tail.lines()).toEqual(['Traceback:', '  Bärenfalle'])
})

test('OutputTail.lines() is empty before any output', () => {
  expect(new OutputTail().lines()).toEqual([])
})

test('OutputTail.lines() returns at most the last 20 lines', () => {
  const tail = new OutputTail()
  for (let line = 1; line <= 100; line++) tail.push(Buffer.from(`line ${line}\n`))
  expect(tail.lines()).toHaveLength(OutputTail.LINES_MAX)
  expect(tail.lines().at(0)).toBe('line 81')
  expect(tail.lines().at(-1)).toBe('line 100')
})

test('OutputTail keeps 8 KiB and drops the line that this cuts', () => {
  const tail = new OutputTail()
  tail.push(Buffer.from(`${'x'.repeat(OutputTail.BYTES_MAX)}\nwhole\n`))
  expect(tail.lines()).toEqual(['whole'])
})

test('OutputTail.lines() shows the end of a single line above 8 KiB', () => {
  const tail = new OutputTail()
  tail.push(Buffer.from('x'.repeat(3 * OutputTail.BYTES_MAX)))
  expect(tail.lines()).toEqual(['x'.repeat(OutputTail.BYTES_MAX)])
})
