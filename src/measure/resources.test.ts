import { describe, expect, test } from 'vitest'
import { judgeBottleneck, type LoadSigns } from './resources.ts'

const CLOSED: LoadSigns = { open: false }
const SPINNING: LoadSigns = { open: true, spinning: true }

describe('judgeBottleneck()', () => {
  test.each([
    { busy: 0.97, server: 0.41, kind: 'load-bound' },
    { busy: 0.9, server: 0.799, kind: 'load-bound' },
    { busy: 0.899, server: 0.41, kind: 'none' },
    { busy: 1, server: 0.8, kind: 'none' },
    { busy: 1, server: 2.5, kind: 'none' },
    { busy: 1, server: undefined, kind: 'none' },
    { busy: undefined, server: 0.1, kind: 'none' },
  ])('threads busy for $busy and a server at $server are $kind', ({ busy, server, kind }) => {
    expect(judgeBottleneck(resources(busy, server), CLOSED).kind).toBe(kind)
  })

  test.each([
    { unsentShare: 0.0101, server: 0.41, kind: 'load-bound' },
    { unsentShare: 0.01, server: 0.41, kind: 'none' },
    { unsentShare: undefined, server: 0.41, kind: 'none' },
    { unsentShare: 0.5, server: 0.8, kind: 'none' },
    { unsentShare: 0.5, server: undefined, kind: 'none' },
  ])(
    'a spinning pacer that left $unsentShare unsent with a server at $server is $kind',
    ({ unsentShare, server, kind }) => {
      const signs = { ...SPINNING, ...(unsentShare !== undefined && { unsentShare }) }
      // A thread that spins is busy whatever it sends.
      expect(judgeBottleneck(resources(1, server), signs).kind).toBe(kind)
    },
  )

  test('says so with numbers and advice', () => {
    const closed = judgeBottleneck(resources(0.97, 0.41), CLOSED)
    const open = judgeBottleneck(resources(1, 0.043), { ...SPINNING, unsentShare: 0.124 })
    const late = judgeBottleneck(resources(1, 0.5), {
      ...SPINNING,
      unsentShare: 0.031,
      lagP99Ms: 12.34,
    })

    expect([closed, open, late]).toEqual([
      {
        kind: 'load-bound',
        message:
          "load-bound: the busiest load thread was busy 97 % of the time while the server used 41 % of a core, so the figures are the load's limit and not the server's; raise threads, or pipeline, or make the load on another machine",
      },
      {
        kind: 'load-bound',
        message:
          "load-bound: 12 % of the offered messages could not be sent while the server used 4.3 % of a core, so the figures are the load's limit and not the server's; raise threads, lower the rate, or make the load on another machine",
      },
      {
        kind: 'load-bound',
        message:
          "load-bound: 3.1 % of the offered messages could not be sent, and 1 % of the others left 12.3 ms late or later, while the server used 50 % of a core, so the figures are the load's limit and not the server's; raise threads, lower the rate, or make the load on another machine",
      },
    ])
  })
})

function resources(eventLoopUtilization: number | undefined, cpuShare: number | undefined) {
  return {
    server: { ...(cpuShare !== undefined && { cpuShare }) },
    load: { ...(eventLoopUtilization !== undefined && { eventLoopUtilization }) },
  }
}
