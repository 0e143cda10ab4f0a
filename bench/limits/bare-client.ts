import { connect, type Socket } from 'node:net'
import {
  ACQUIRE,
  ANSWER_BYTES,
  EMPTY,
  frame,
  frameReader,
  PRODUCE,
  REQUEST_BYTES,
  SETTLE,
} from './bare-protocol.ts'

/**
 * The round trips of a closed-loop scenario on bare sockets: one for each PRODUCE, two for ACQUIRE
 * and SETTLE, and the same back-off of consumers after an empty answer. Prints messages a second,
 * from the first PRODUCE to the last SETTLE.
 */
const [port = 0, msgs = 0, producers = 0, consumers = 0, backoffMaxMs = 0] = process.argv
  .slice(2)
  .map(Number)
const BACKOFF_MS = 1
const requests = {
  produce: frame(PRODUCE, REQUEST_BYTES),
  acquire: frame(ACQUIRE, REQUEST_BYTES),
  settle: frame(SETTLE, REQUEST_BYTES),
}
let settled = 0
let startedNs = 0n

function openSocket(answered: (kind: number) => void): Promise<Socket> {
  return new Promise(resolve => {
    const read = frameReader(ANSWER_BYTES, answered)
    const socket: Socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(64 * 1024),
        callback(bytes, buffer) {
          read(buffer, bytes)
          return true
        },
      },
    })
    socket.once('connect', () => resolve(socket))
  })
}

async function openProducer(messages: number): Promise<() => void> {
  let left = messages
  const send = () => {
    if (left === 0) return
    left -= 1
    socket.write(requests.produce)
  }
  const socket = await openSocket(send)
  return send
}

async function openConsumer(): Promise<() => void> {
  let backoffMs = BACKOFF_MS
  const acquire = () => socket.write(requests.acquire)
  const socket = await openSocket(kind => {
    if (kind === ACQUIRE) {
      backoffMs = BACKOFF_MS
      socket.write(requests.settle)
    } else if (kind === EMPTY) {
      setTimeout(acquire, backoffMs)
      backoffMs = Math.min(backoffMs * 2, backoffMaxMs)
    } else {
      settled += 1
      if (settled === msgs) finish()
      else acquire()
    }
  })
  return acquire
}

function finish(): void {
  const seconds = Number(process.hrtime.bigint() - startedNs) / 1e9
  process.stdout.write(`${msgs / seconds}\n`, () => process.exit(0))
}

const share = (index: number) => Math.floor(msgs / producers) + (index < msgs % producers ? 1 : 0)
const starts = await Promise.all([
  ...Array.from({ length: producers }, (_, index) => openProducer(share(index))),
  ...Array.from({ length: consumers }, () => openConsumer()),
])
startedNs = process.hrtime.bigint()
for (const start of starts) start()
