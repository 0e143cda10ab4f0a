import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Group, type GroupCounters, type SettleOutcome } from './group.ts'

type Operation =
  | { readonly kind: 'append' }
  | { readonly kind: 'wait'; readonly ns: number }
  | { readonly kind: 'acquire'; readonly client: number; readonly leaseNs: number }
  | {
      readonly kind: 'settle'
      readonly id: number
      readonly client: number
      readonly success: boolean
    }

const anyClient = fc.integer({ min: 1, max: 3 })
const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('append' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ns: fc.nat(15) }),
  fc.record({
    kind: fc.constant('acquire' as const),
    client: anyClient,
    leaseNs: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({
    kind: fc.constant('settle' as const),
    id: fc.nat(8),
    client: anyClient,
    success: fc.boolean(),
  }),
)

test('Group answers any sequence of operations like a plain model with arrays', () => {
  fc.assert(
    fc.property(fc.array(anyOperation, { maxLength: 200, size: 'max' }), operations => {
      const group = new Group()
      const model = new GroupModel()
      let nowNs = 0
      let appended = 0
      for (const operation of operations) {
        switch (operation.kind) {
          case 'append':
            appended += 1
            model.messages.push({ status: 'waiting', failures: 0, owner: 0, untilNs: 0 })
            break
          case 'wait':
            nowNs += operation.ns
            break
          case 'acquire':
            expect(group.acquire(operation.client, operation.leaseNs, nowNs, appended)).toBe(
              model.acquire(operation.client, operation.leaseNs, nowNs),
            )
            break
          case 'settle': {
            const { id, client, success } = operation
            expect(group.settle(id, client, success, nowNs, appended)).toBe(
              model.settle(id, client, success, nowNs),
            )
            break
          }
          default:
            operation satisfies never
        }
        const counters = group.counters(nowNs, appended)
        expect(counters).toEqual(model.counters(nowNs))
        const { pending, leased, processed, dead } = counters
        expect(pending + leased + processed + dead).toBe(appended)
      }
    }),
    { numRuns: 300 },
  )
})

interface ModelMessage {
  status: 'waiting' | 'leased' | 'processed' | 'dead'
  failures: number
  /** 0 while nobody has a claim. */
  owner: number
  untilNs: number
}

class GroupModel {
  readonly messages: ModelMessage[] = []
  readonly #everLeased = new Set<number>()
  #expired = 0

  acquire(client: number, leaseNs: number, nowNs: number): number {
    this.#expire(nowNs)
    const id = this.messages.findIndex(message => message.status === 'waiting')
    const message = this.messages[id]
    if (message === undefined) return -1
    Object.assign(message, { status: 'leased', owner: client, untilNs: nowNs + leaseNs })
    this.#everLeased.add(id)
    return id
  }

  settle(id: number, client: number, success: boolean, nowNs: number): SettleOutcome {
    this.#expire(nowNs)
    const message = this.messages[id]
    if (message === undefined) return 'never-produced'
    if (message.status === 'processed' || message.status === 'dead') return 'final'
    if (!this.#everLeased.has(id)) return 'never-leased'
    if (message.owner !== client) return 'not-owner'
    message.owner = 0
    if (!success) message.failures += 1
    if (success) message.status = 'processed'
    else message.status = message.failures === 3 ? 'dead' : 'waiting'
    return 'settled'
  }

  counters(nowNs: number): GroupCounters {
    this.#expire(nowNs)
    const count = (status: ModelMessage['status']) =>
      this.messages.filter(message => message.status === status).length
    return {
      pending: count('waiting'),
      leased: count('leased'),
      processed: count('processed'),
      dead: count('dead'),
      expired: this.#expired,
    }
  }

  #expire(nowNs: number): void {
    for (const message of this.messages) {
      if (message.status !== 'leased' || message.untilNs > nowNs) continue
      message.status = 'waiting'
      this.#expired += 1
    }
  }
}
