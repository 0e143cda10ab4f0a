import { createServer } from 'node:net'
import {
  ACQUIRE,
  ANSWER_BYTES,
  EMPTY,
  frame,
  frameReader,
  PRODUCE,
  REQUEST_BYTES,
} from './bare-protocol.ts'

/** Counts messages instead of keeping them; prints its port. Ends when its input closes. */
const ANSWERS = Object.fromEntries(
  Object.keys(ANSWER_BYTES).map(kind => [kind, frame(Number(kind), ANSWER_BYTES)]),
)
let produced = 0
let leased = 0

const server = createServer({ noDelay: true }, socket => {
  let answers: Buffer[] = []
  const read = frameReader(REQUEST_BYTES, kind => {
    if (kind === PRODUCE) produced += 1
    const isEmpty = kind === ACQUIRE && leased === produced
    if (kind === ACQUIRE && !isEmpty) leased += 1
    answers.push(ANSWERS[isEmpty ? EMPTY : kind] ?? Buffer.alloc(0))
  })
  socket.on('data', chunk => {
    read(chunk, chunk.length)
    const [first, ...others] = answers
    if (first === undefined) return
    socket.write(others.length === 0 ? first : Buffer.concat(answers))
    answers = []
  })
  socket.on('error', () => socket.destroy())
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`)
})
process.stdin.resume().on('end', () => process.exit(0))
