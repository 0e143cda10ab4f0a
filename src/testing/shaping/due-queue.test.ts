import { expect, test } from 'vitest'
import { DueHeap } from './due-queue.ts'

test('DueHeap.takeDue() hands out what is due and keeps the rest', () => {
  const heap = new DueHeap<string>()
  heap.add('late', 30)
  heap.add('early', 10)
  heap.add('middle', 20)
  expect(heap.takeDue(9)).toEqual([])
  expect(heap.firstDueNs).toBe(10)
  expect(heap.takeDue(20)).toEqual(['early', 'middle'])
  expect(heap.size).toBe(1)
  expect(heap.takeDue(30)).toEqual(['late'])
  expect(heap.firstDueNs).toBe(Number.POSITIVE_INFINITY)
})

test('DueHeap.takeDue() keeps the order of due times, and of addition where they are equal', () => {
  const heap = new DueHeap<{ readonly dueNs: number; readonly added: number }>()
  // 7919 and 101 are prime, so the due times come in no order and each comes about ten times.
  const entries = Array.from({ length: 1_000 }, (_, added) => ({
    dueNs: (added * 7_919) % 101,
    added,
  }))
  const taken = []
  for (const entry of entries.slice(0, 700)) heap.add(entry, entry.dueNs)
  taken.push(...heap.takeDue(50))
  for (const entry of entries.slice(700))
    heap.add({ ...entry, dueNs: entry.dueNs + 51 }, entry.dueNs + 51)
  taken.push(...heap.takeDue(1_000))

  const expected = taken.toSorted((a, b) => a.dueNs - b.dueNs || a.added - b.added)
  expect(taken).toEqual(expected)
  expect(taken).toHaveLength(1_000)
})
