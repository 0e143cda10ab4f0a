import { createServer, type Socket } from 'node:net'
import { FrameDecoder } from '../wire/frame.ts'

export interface ScriptedServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** All that clients have sent, as Latin-1. */
  received(): string
  /** Cuts the connections that are open. */
  drop(): void
}

/** Answers every request with the bytes that `answer` gives for its command; none is silence. */
export async function scriptedServer(
  answer: (command: number) => Buffer | undefined,
): Promise<ScriptedServer> {
  const sockets = new Set<Socket>()
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  let received = ''
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    const decoder = new FrameDecoder(command => {
      const bytes = answer(command)
      if (bytes !== undefined) socket.write(bytes)
    })
    socket.on('data', chunk => {
      received += chunk.toString('latin1')
      decoder.push(chunk)
    })
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No TCP address')
  return {
    host: address.address,
    port: address.port,
    received: () => received,
    drop,
    async [Symbol.asyncDispose]() {
      drop()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
