import { expect, test } from 'vitest'
import {
  type Exchange,
  pythonServerExchanges,
  pythonSuiteConnections,
} from '../testing/golden-exchanges.ts'
import { AnswerReader } from '../wire/answer-reader.ts'
import { ACQUIRE_NEXT, FRAME_HEADER_BYTES, PRODUCE } from '../wire/frame.ts'
import { Broker } from './broker.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { Session } from './session.ts'

/** What the Python server says in other words; ours must be an error, too. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  'missing key': 'Cannot accept the request: group_id is missing',
}

test('Session answers the recorded exchange as the Python server did, byte for byte', () => {
  const peer = new HexPeer(new Broker(DEFAULT_LIMITS))
  for (const { note, request, response } of pythonServerExchanges()) {
    // The recorded lease of 200 ms was waited for.
    if (note.includes('after expiry')) peer.nowNs += 200e6
    const answer = peer.exchange(request)
    const words = OTHER_WORDS[note]
    if (words === undefined) expect(answer.toString('hex'), note).toBe(response.toString('hex'))
    else expect(errorOf(answer), note).toBe(words)
  }
})

test('Session answers the recorded run of the Python suite byte for byte', () => {
  const broker = new Broker(DEFAULT_LIMITS)
  const connections = pythonSuiteConnections().map(exchanges => ({
    peer: new HexPeer(broker),
    exchanges: [...exchanges],
  }))
  let produced = 0
  let leased = 0
  let answered = 0
  // Connections were recorded one by one: the message ids tell in which order things happened.
  const isDue = ({ request, response }: Exchange): boolean => {
    const answer = readAnswer(response)
    if (request[5] === PRODUCE) return answer.messageId === produced
    if (request[5] !== ACQUIRE_NEXT) return true
    if (answer.kind === 'empty') return leased === produced
    return answer.messageId === leased && leased < produced
  }
  const rank = ({ request, response }: Exchange) =>
    request[5] === PRODUCE ? 2 : readAnswer(response).kind === 'empty' ? 0 : 1

  for (;;) {
    const [next] = connections
      .flatMap(({ peer, exchanges }) =>
        exchanges.slice(0, 1).map(first => ({ peer, exchanges, first })),
      )
      .filter(({ first }) => isDue(first))
      .sort((a, b) => rank(a.first) - rank(b.first))
    if (next === undefined) break
    const { request, response } = next.first
    next.exchanges.shift()
    expect(next.peer.exchange(request).toString('hex')).toBe(response.toString('hex'))
    if (request[5] === PRODUCE) produced += 1
    else if (readAnswer(response).kind === 'message') leased += 1
    answered += 1
  }
  expect(connections.map(({ exchanges }) => exchanges.length)).toEqual(connections.map(() => 0))
  expect({ produced, leased }).toEqual({ produced: 12, leased: 12 })
  expect(answered).toBeGreaterThan(36)
})

class HexPeer {
  nowNs = 0
  #answer: Buffer = Buffer.alloc(0)
  readonly #session: Session

  constructor(broker: Broker) {
    this.#session = new Session(broker, {
      write: bytes => {
        this.#answer = bytes
        return false
      },
      unreadBytes: 0,
      close() {},
    })
  }

  exchange(request: Buffer): Buffer {
    this.#session.receive(request, this.nowNs)
    return this.#answer
  }
}

function readAnswer(response: Buffer): AnswerReader {
  const answer = new AnswerReader()
  answer.read(response[5] ?? 0, response, FRAME_HEADER_BYTES, response.length)
  return answer
}

function errorOf(response: Buffer): string {
  const answer = readAnswer(response)
  expect(answer.kind).toBe('error')
  return answer.errorText
}
