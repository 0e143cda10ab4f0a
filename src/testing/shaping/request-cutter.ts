import {
  FRAME_HEADER_BYTES,
  FRAME_LENGTH_MAX,
  LENGTH_FIELD_BYTES,
  PROTOCOL_VERSION,
} from '../../wire/frame.ts'

export interface CutRequest {
  /** Undefined for what follows the last readable frame. */
  readonly command: number | undefined
  readonly bytes: Buffer
}

const FRAME_LENGTH_MIN = 3

/**
 * Cuts a byte stream into whole requests without judging them: from a broken frame on it hands
 * everything out as it comes, for the session to refuse. A chunk may not be changed afterwards.
 */
export class RequestCutter {
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** The least bytes with which the next step can be made. */
  #neededBytes = LENGTH_FIELD_BYTES
  #isBroken = false

  /** Returns the requests that `chunk` completes, in order of arrival. */
  push(chunk: Buffer): CutRequest[] {
    if (this.#isBroken) return [{ command: undefined, bytes: chunk }]
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes < this.#neededBytes) return []
    return this.#cut(this.#waiting.length === 1 ? chunk : Buffer.concat(this.#waiting))
  }

  #cut(bytes: Buffer): CutRequest[] {
    const requests: CutRequest[] = []
    let start = 0
    for (;;) {
      const neededBytes = bytesNeeded(bytes, start)
      if (neededBytes === 'broken') {
        this.#isBroken = true
        requests.push({ command: undefined, bytes: bytes.subarray(start) })
        return requests
      }
      this.#neededBytes = neededBytes
      if (start + neededBytes > bytes.length) break
      const end = start + neededBytes
      requests.push({ command: bytes[start + 5], bytes: bytes.subarray(start, end) })
      start = end
    }
    this.#waiting = start === bytes.length ? [] : [bytes.subarray(start)]
    this.#waitingBytes = bytes.length - start
    return requests
  }
}

/** The size of the frame at `start`, or of what must be there to tell it. */
function bytesNeeded(bytes: Buffer, start: number): number | 'broken' {
  const available = bytes.length - start
  if (available < LENGTH_FIELD_BYTES) return LENGTH_FIELD_BYTES
  const length = bytes.readUInt32BE(start)
  if (length < 2) return 'broken'
  if (available < FRAME_HEADER_BYTES) return FRAME_HEADER_BYTES
  if (length < FRAME_LENGTH_MIN || length > FRAME_LENGTH_MAX) return 'broken'
  return bytes[start + 4] === PROTOCOL_VERSION ? LENGTH_FIELD_BYTES + length : 'broken'
}
