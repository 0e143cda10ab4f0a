import { createServer, type Server, type Socket } from 'node:net'
import { type Clock, systemClock, type Timer } from '../clock.ts'
import {
  writeEmpty,
  writeError,
  writeMessage,
  writeProduced,
  writeSettled,
} from '../wire/answer-writer.ts'
import { ACQUIRE_NEXT, FrameDecoder, PRODUCE } from '../wire/frame.ts'
import { OutputBuffer } from '../wire/output-buffer.ts'
import { type FieldRange, RequestReader } from '../wire/request-reader.ts'
import { viewed } from '../wire/template.ts'
import { honestly, type Lie, type Reply } from './lies/lie.ts'
import { type Answer, commandOf, type Request, Truth } from './truth.ts'

export interface LyingServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly truth: Truth
}

/** Serves the protocol over TCP on a free loopback port, and lies in the one way of `lie`. */
export async function startLyingServer(lie: Lie = honestly): Promise<LyingServer> {
  const clock = systemClock
  const truth = new Truth(clock)
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serve(socket, request => lie(request, truth), clock)
  })
  const port = await openedPort(server)
  return {
    host: '127.0.0.1',
    port,
    truth,
    [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      return new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

/** A port that accepts connections and closes each at once. */
export async function startClosingServer(): Promise<LyingServer> {
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    // What a client has sent meanwhile must be read, or the socket stays half open.
    socket.resume().end()
  })
  const port = await openedPort(server)
  return {
    host: '127.0.0.1',
    port,
    truth: new Truth(systemClock),
    [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}

function openedPort(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('No TCP address'))
      else resolve(address.port)
    })
  })
}

/** One request after the other, as they came. */
function serve(socket: Socket, reply: (request: Request) => Reply, clock: Clock): void {
  const waiting: Request[] = []
  const output = new OutputBuffer()
  let delay: Timer | undefined
  let isSilent = false

  const give = (request: Request, given: Reply) => {
    switch (given.kind) {
      case 'raw':
        socket.write(given.bytes)
        return
      case 'silence':
        isSilent = true
        return
      case 'hang-up':
        isSilent = true
        socket.end()
        return
      case 'delayed':
        delay = clock.setTimer(() => {
          delay = undefined
          if (socket.destroyed) return
          give(request, given.reply())
          work()
        }, given.delayMs)
        return
      default:
        writeAnswer(output, request, given)
        socket.write(output.take())
    }
  }
  const work = () => {
    for (;;) {
      if (isSilent || delay !== undefined) return
      const request = waiting.shift()
      if (request === undefined) return
      give(request, reply(request))
    }
  }
  const decoder = requestDecoder(request => waiting.push(request))
  socket.on('data', chunk => {
    decoder.push(chunk)
    work()
  })
  socket.on('error', () => socket.destroy())
  socket.once('close', () => delay?.cancel())
}

function requestDecoder(sink: (request: Request) => void): FrameDecoder {
  const reader = new RequestReader()
  return new FrameDecoder((command, bytes, start, end) => {
    reader.read(command, bytes, start, end)
    const text = (range: FieldRange) => bytes.toString('utf8', range.start, range.end)
    const copy = ({ start, end }: FieldRange) =>
      start < 0 ? Buffer.alloc(0) : Buffer.from(bytes.subarray(start, end))
    const logId = text(reader.logId)
    if (command === PRODUCE) {
      const { payload, metadata } = reader
      sink({ kind: 'produce', logId, payload: copy(payload), metadata: copy(metadata) })
      return
    }
    const consumer = { logId, groupId: text(reader.groupId), clientId: text(reader.clientId) }
    if (command === ACQUIRE_NEXT) {
      sink({ kind: 'acquire', ...consumer, leaseNs: reader.leaseSeconds * 1e9 })
    } else {
      const { messageId, success } = reader
      sink({ kind: 'settle', ...consumer, messageId, success: success === true })
    }
  })
}

function writeAnswer(output: OutputBuffer, request: Request, answer: Answer): void {
  switch (answer.kind) {
    case 'produced':
      return writeProduced(output, answer.messageId)
    case 'message': {
      const { payload, metadata, messageId, logId } = answer
      const message = {
        stored: viewed(Buffer.concat([payload, metadata])),
        start: 0,
        payloadBytes: payload.length,
        metadataBytes: metadata.length,
      }
      return writeMessage(output, messageId, Buffer.from(logId), message)
    }
    case 'empty':
      return writeEmpty(output)
    case 'settled':
      return writeSettled(output)
    case 'refused':
      return writeError(output, commandOf(request), answer.reason)
    default:
      return answer satisfies never
  }
}
