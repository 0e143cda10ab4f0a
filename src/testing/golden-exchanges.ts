import { readFileSync } from 'node:fs'

/** Whole frames, as recorded between the Python server and a client. */
export interface Exchange {
  readonly note: string
  readonly request: Buffer
  readonly response: Buffer
}

/** Single requests to the Python server, in order on one connection. */
export function pythonServerExchanges(): readonly Exchange[] {
  const { exchanges } = readGolden('python-server') as {
    readonly exchanges: readonly { note: string; request: string; response: string }[]
  }
  return exchanges.map(({ note, request, response }) => exchange(note, request, response))
}

/** A run of the Python suite, connection by connection; each request is followed by its answer. */
export function pythonSuiteConnections(): readonly (readonly Exchange[])[] {
  const { connections } = readGolden('python-suite') as {
    readonly connections: readonly (readonly (readonly [string, string])[])[]
  }
  return connections.map((frames, connection) =>
    frames
      .filter(([direction]) => direction === '>')
      .map(([, request], index) => {
        const [direction, response] = frames[2 * index + 1] ?? []
        if (direction !== '<' || response === undefined) throw new Error('Requests are pipelined')
        return exchange(`request ${index} of connection ${connection}`, request, response)
      }),
  )
}

function exchange(note: string, request: string, response: string): Exchange {
  return { note, request: Buffer.from(request, 'hex'), response: Buffer.from(response, 'hex') }
}

function readGolden(name: string): unknown {
  return JSON.parse(
    readFileSync(new URL(`../wire/golden/${name}.json`, import.meta.url), 'utf8'),
  ) as unknown
}
