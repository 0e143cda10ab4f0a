import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { Tally } from '../measure/tally.ts'
import { Board } from './board.ts'

const THREADS = 3
const ROUNDS = 20_000

/**
 * Adds to the depth and takes away again, and keeps the maximum as the loops do. Every thread holds
 * what it added until all have added theirs, once: then the depth is exactly known.
 */
const HAMMER = `
const { parentPort, workerData } = require('node:worker_threads')
import(workerData.boardUrl).then(({ Board }) => {
  const { shared, meeting, threads, rounds, share } = workerData
  const board = new Board(shared)
  const met = new Int32Array(meeting)
  let max = 0
  const add = count => { max = Math.max(max, board.addQueueDepth(count) + count) }
  const hammer = () => {
    for (let round = 0; round < rounds; round += 1) {
      add(1)
      board.addQueueDepth(-1)
      board.addAcknowledged(1)
    }
  }
  hammer()
  add(share)
  Atomics.add(met, 0, 1)
  while (Atomics.load(met, 0) < threads);
  board.addQueueDepth(-share)
  parentPort.postMessage(max)
})
`

function hammer(board: Board, meeting: SharedArrayBuffer, share: number): Promise<number> {
  const boardUrl = new URL('./board.ts', import.meta.url).href
  const workerData = {
    boardUrl,
    shared: board.shared,
    meeting,
    threads: THREADS,
    rounds: ROUNDS,
    share,
  }
  const worker = new Worker(HAMMER, { eval: true, execArgv: [], workerData })
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
}

describe('Board', () => {
  test('has the true maximum among the maxima of threads that hammer it', async () => {
    const board = new Board()
    const meeting = new SharedArrayBuffer(4)
    const shares = [100, 1000, 10_000]
    const maxima = await Promise.all(shares.map(share => hammer(board, meeting, share)))

    const tally = new Tally()
    for (const maxQueueDepth of maxima) tally.merge({ ...new Tally().toData(), maxQueueDepth })
    expect(tally.maxQueueDepth).toBe(11_100)
    expect(board.addQueueDepth(0)).toBe(0)
    expect(board.progress().acknowledged).toBe(THREADS * ROUNDS)
  })

  test('allAccounted() wants every producer finished and all that they sent settled', () => {
    const board = new Board()
    board.addAcknowledged(10)
    board.addConsumed(12, 10)
    expect(board.allAccounted(2)).toBe(false)
    board.finishProducer(4)
    expect(board.allAccounted(2)).toBe(false)
    board.finishProducer(7)
    expect(board.allAccounted(2)).toBe(false)
    board.addConsumed(0, 1)
    expect(board.allAccounted(2)).toBe(true)
    expect(board.progress()).toEqual({ acknowledged: 10, delivered: 12, settled: 11 })
  })
})
