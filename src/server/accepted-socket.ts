import { Socket, type SocketConstructorOpts } from 'node:net'

/** What Node keeps in an accepted socket, none of it documented. */
interface Internals {
  _handle?: object | null
  _server?: object | null
}

/**
 * An accepted connection that reads into `buffer` instead of taking new memory for every read,
 * which only outgoing connections may ask for. `received` may use the bytes until it returns.
 *
 * Returns `accepted` itself, with its ordinary events, where Node is not as we know it.
 */
export function readInto(
  accepted: Socket,
  buffer: Buffer,
  received: (bytes: Buffer) => void,
): Socket {
  const internals = accepted as Internals
  const { _handle: handle, _server: server } = internals
  if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle)) {
    accepted.on('data', received)
    accepted.resume()
    return accepted
  }
  internals._handle = null
  const options = {
    handle,
    onread: {
      buffer,
      callback(bytes: number) {
        received(buffer.subarray(0, bytes))
        return true
      },
    },
  }
  // The types know no handle but those of one kind.
  const socket = new Socket(options as object as SocketConstructorOpts)
  // The listener counts its connections by this.
  Object.assign(socket, { _server: server })
  socket.setNoDelay(true)
  socket.read(0)
  return socket
}
