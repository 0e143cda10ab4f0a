import { once } from 'node:events'
import { connect, createServer, type Server, Socket } from 'node:net'
import { expect, test } from 'vitest'
import { readInto } from './accepted-socket.ts'

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  expect.assert(typeof address === 'object' && address !== null, 'it has no TCP address')
  return address.port
}

test('readInto() reads every chunk into the one buffer, and the listener still counts it', async () => {
  const buffer = Buffer.alloc(1024)
  const chunks: { readonly text: string; readonly isInBuffer: boolean }[] = []
  const server = createServer({ pauseOnConnect: true }, accepted => {
    const socket = readInto(accepted, buffer, bytes => {
      chunks.push({ text: bytes.toString(), isInBuffer: bytes.buffer === buffer.buffer })
      socket.write('seen')
    })
  })
  const client = connect(await portOf(server), '127.0.0.1')
  client.write('one')
  await once(client, 'data')
  client.write('two')
  await once(client, 'data')

  expect(chunks).toEqual([
    { text: 'one', isInBuffer: true },
    { text: 'two', isInBuffer: true },
  ])
  client.end()
  server.close()
  await once(server, 'close')
})

test('readInto() falls back to ordinary events where Node is not as we know it', () => {
  const socket = new Socket()
  const chunks: string[] = []

  expect(readInto(socket, Buffer.alloc(8), bytes => void chunks.push(bytes.toString()))).toBe(
    socket,
  )
  socket.emit('data', Buffer.from('plain'))
  expect(chunks).toEqual(['plain'])
})
