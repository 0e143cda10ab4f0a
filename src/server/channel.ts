import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { BenchError, messageOf } from '../errors.ts'

/** Longer request lines are no requests; the peer is the process that started us. */
const LINE_BYTES_MAX = 4096

/**
 * Answers requests on an inherited file descriptor, one JSON object a line:
 * `{"id":1,"kind":"stats"}` → `{"id":1,"stats":{…}}`. Does not keep the process alive. Throws
 * `SERVER_START_FAILED` when `fd` is no pipe or socket.
 */
export function openChannel(fd: number, stats: () => unknown): void {
  const socket = openSocket(fd)
  socket.unref()
  socket.on('error', () => socket.destroy())
  createInterface({ input: socket }).on('line', line => {
    if (line.length <= LINE_BYTES_MAX) socket.write(`${JSON.stringify(answer(line, stats))}\n`)
  })
}

function openSocket(fd: number): Socket {
  try {
    return new Socket({ fd, readable: true, writable: true })
  } catch (thrown) {
    const message = `Cannot open a channel on file descriptor ${fd}: ${messageOf(thrown)}`
    throw new BenchError('SERVER_START_FAILED', message, { cause: thrown })
  }
}

function answer(line: string, stats: () => unknown): object {
  let request: unknown
  try {
    request = JSON.parse(line)
  } catch {
    return { error: 'Cannot read the request: it is no JSON' }
  }
  const { id, kind } = Object(request) as { readonly id?: unknown; readonly kind?: unknown }
  if (kind === 'stats') return { id, stats: stats() }
  return {
    id,
    error: `Cannot answer a request of kind ${JSON.stringify(kind)}: only "stats" is known`,
  }
}
