import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { findFreePort, probeAddress } from './tcp-port.ts'

const options = { clock: systemClock, limitMs: 2_000 }

test('probeAddress() finds a port that is listened on, and leaves no connection', async () => {
  await using server = createServer()
  const connections: unknown[] = []
  server.on('connection', socket => {
    connections.push(socket)
    socket.on('close', () => connections.pop()).resume()
  })
  const port = await findFreePort()
  await once(server.listen(port, '127.0.0.1'), 'listening')

  expect(await probeAddress({ host: '127.0.0.1', port }, options)).toEqual({ kind: 'accepted' })
  expect(await probeAddress({ host: 'localhost', port }, options)).toEqual({ kind: 'accepted' })
  await expect.poll(() => connections).toEqual([])
})

test('probeAddress() says that nobody listens on a free port', async () => {
  const port = await findFreePort()
  for (const host of ['127.0.0.1', 'localhost']) {
    const probe = await probeAddress({ host, port }, options)
    expect(probe).toMatchObject({ kind: 'failed', reason: 'connection refused' })
  }
})

test('probeAddress() throws the reason of its signal', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  const probe = probeAddress({ host: '127.0.0.1', port: 9 }, { ...options, signal })
  await expect(probe).rejects.toThrow('enough')
})
