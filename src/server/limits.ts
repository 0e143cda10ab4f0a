import { FRAME_LENGTH_MAX } from '../wire/frame.ts'

/** What one server takes on at most. Over a limit the request is refused or the connection closed. */
export interface ServerLimits {
  /** Value of the length field of a frame. */
  readonly frameLengthMax: number
  readonly connectionsMax: number
  readonly logsMax: number
  readonly groupsPerLogMax: number
  /** Distinct client ids since the start. */
  readonly clientsMax: number
  /** Messages of all logs. */
  readonly messagesMax: number
  /** Payloads and metadata of all logs. */
  readonly storedBytesMax: number
  /** Answers a client has not read yet; above it we stop reading its requests. */
  readonly unreadBytesMax: number
}

export const DEFAULT_LIMITS: ServerLimits = {
  frameLengthMax: FRAME_LENGTH_MAX,
  connectionsMax: 16_384,
  logsMax: 10_000,
  groupsPerLogMax: 1_000,
  clientsMax: 1_000_000,
  messagesMax: 100_000_000,
  storedBytesMax: 8 * 1024 ** 3,
  unreadBytesMax: 1024 ** 2,
}
