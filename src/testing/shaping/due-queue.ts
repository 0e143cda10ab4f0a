import { NS_PER_MS, systemClock } from '../../clock.ts'

/** Timers come up to this much late or early, so that much before the due time we spin instead. */
const SPIN_NS = 2 * NS_PER_MS

/**
 * Hands out items when they are due: the earliest first, ties in the order they were added.
 *
 * It is some microseconds late as long as the event loop is free, because it does not trust timers
 * with the last 2 ms; the price is a core that is busy while items come due.
 */
export class DueQueue<Item> {
  readonly #serve: (items: readonly Item[]) => void
  readonly #heap = new DueHeap<Item>()
  #timeout: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  /** `serve` gets all that is due at one moment; it may add further items. */
  constructor(serve: (items: readonly Item[]) => void) {
    this.#serve = serve
  }

  /** `run` must follow the last one added. */
  add(item: Item, dueNs: number): void {
    this.#heap.add(item, dueNs)
  }

  /** Serves what is due now, and sees to the rest. */
  run(): void {
    const items = this.#heap.takeDue(systemClock.nowNs())
    if (items.length > 0) this.#serve(items)
    this.#arm()
  }

  #arm(): void {
    clearTimeout(this.#timeout)
    clearImmediate(this.#immediate)
    if (this.#heap.size === 0) return
    const timerMs = Math.floor((this.#heap.firstDueNs - systemClock.nowNs() - SPIN_NS) / NS_PER_MS)
    // A timer of 0 ms would be one of 1 ms.
    if (timerMs >= 1) this.#timeout = setTimeout(() => this.run(), timerMs)
    else this.#immediate = setImmediate(() => this.run())
  }
}

interface Due<Item> {
  readonly item: Item
  readonly dueNs: number
  readonly order: number
}

/** A binary heap. The pure part of the queue, exported for its test. */
export class DueHeap<Item> {
  readonly #entries: Due<Item>[] = []
  #added = 0

  get size(): number {
    return this.#entries.length
  }

  /** Infinity when there is none. */
  get firstDueNs(): number {
    return this.#entries[0]?.dueNs ?? Number.POSITIVE_INFINITY
  }

  add(item: Item, dueNs: number): void {
    const entry = { item, dueNs, order: this.#added }
    this.#added += 1
    this.#entries.push(entry)
    this.#rise(this.#entries.length - 1, entry)
  }

  /** Takes out all that is due at `nowNs`, in order. */
  takeDue(nowNs: number): Item[] {
    const items: Item[] = []
    for (let first = this.#entries[0]; first !== undefined; first = this.#entries[0]) {
      if (first.dueNs > nowNs) break
      items.push(first.item)
      const last = this.#entries.pop()
      if (last !== undefined && last !== first) this.#sink(last)
    }
    return items
  }

  #rise(from: number, entry: Due<Item>): void {
    let position = from
    while (position > 0) {
      const parent = (position - 1) >>> 1
      const above = this.#entries[parent]
      if (above === undefined || isBefore(above, entry)) break
      this.#entries[position] = above
      position = parent
    }
    this.#entries[position] = entry
  }

  #sink(entry: Due<Item>): void {
    let position = 0
    for (;;) {
      const left = this.#entries[2 * position + 1]
      const right = this.#entries[2 * position + 2]
      if (left === undefined) break
      const isRight = right !== undefined && isBefore(right, left)
      const below = isRight ? right : left
      if (isBefore(entry, below)) break
      this.#entries[position] = below
      position = 2 * position + (isRight ? 2 : 1)
    }
    this.#entries[position] = entry
  }
}

function isBefore(one: Due<unknown>, other: Due<unknown>): boolean {
  return one.dueNs < other.dueNs || (one.dueNs === other.dueNs && one.order < other.order)
}
