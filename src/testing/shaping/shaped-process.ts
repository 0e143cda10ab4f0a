import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Address } from '../../address.ts'
import { systemClock } from '../../clock.ts'
import type { RawClient } from '../raw-client.ts'
import type { Span } from './block-thread.ts'

export const SHAPED_SERVER_ENTRY = fileURLToPath(new URL('../shaped-server.ts', import.meta.url))

export interface ShapedProcess extends Address, AsyncDisposable {
  /** When the server says that its pause began and ended; undefined before its end. */
  pause(): Span | undefined
}

/** Starts a shaped server with the given options on a free port. */
export async function startShapedServer(...options: string[]): Promise<ShapedProcess> {
  const child = spawn(process.execPath, [SHAPED_SERVER_ENTRY, '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += String(chunk)
  })
  const exited = once(child, 'exit')
  const failed = exited.then(() => Promise.reject(new Error(`It did not start: ${stderr}`)))
  const [line] = await Promise.race([once(child.stdout, 'data'), failed])
  return {
    host: '127.0.0.1',
    port: Number(/:(\d+)\n$/.exec(String(line))?.[1]),
    pause() {
      const [, began, ended] = /^paused from (\d+) to (\d+) ns\n$/.exec(stderr) ?? []
      return ended === undefined ? undefined : { beganNs: Number(began), endedNs: Number(ended) }
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
    },
  }
}

/** Sends the frames at once; returns when each of their answers was received. */
export async function exchange(client: RawClient, frames: readonly Buffer[]): Promise<number[]> {
  const answersBefore = client.answers.length
  const receivedNs: number[] = []
  client.send(Buffer.concat(frames))
  while (receivedNs.length < frames.length) {
    await once(client.socket, 'data')
    const answers = client.answers.length - answersBefore
    const nowNs = systemClock.nowNs()
    while (receivedNs.length < answers) receivedNs.push(nowNs)
  }
  return receivedNs
}
