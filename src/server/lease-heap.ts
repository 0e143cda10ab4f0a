import type { SegmentedArray } from './segmented-array.ts'

const CAPACITY_MIN = 64

/**
 * The running leases of a group, the one that ends first on top. A lease is known by its message
 * id; adding and removing cost O(log n), and adding in order of expiry, the usual case, O(1).
 */
export class LeaseHeap {
  /** Where each leased message stands in the heap, so that a settled one is found at once. */
  readonly #positions: SegmentedArray<Uint32Array>
  #ids = new Uint32Array(CAPACITY_MIN)
  #expiries = new Float64Array(CAPACITY_MIN)
  #size = 0

  constructor(positions: SegmentedArray<Uint32Array>) {
    this.#positions = positions
  }

  get size(): number {
    return this.#size
  }

  /** The id of a lease that has run out at `nowNs`, the earliest first, or -1. It stays in. */
  expiredAt(nowNs: number): number {
    if (this.#size === 0 || this.#expiry(0) > nowNs) return -1
    return this.#id(0)
  }

  add(id: number, expiresNs: number): void {
    if (this.#size === this.#ids.length) this.#grow()
    this.#size += 1
    this.#rise(this.#size - 1, id, expiresNs)
  }

  /** `id` must be in the heap. */
  remove(id: number): void {
    const position = this.#positions.get(id)
    this.#size -= 1
    if (position === this.#size) return
    const movedId = this.#id(this.#size)
    const movedExpiry = this.#expiry(this.#size)
    const parent = (position - 1) >>> 1
    if (position > 0 && this.#expiry(parent) > movedExpiry)
      this.#rise(position, movedId, movedExpiry)
    else this.#sink(position, movedId, movedExpiry)
  }

  #rise(from: number, id: number, expiresNs: number): void {
    let position = from
    while (position > 0) {
      const parent = (position - 1) >>> 1
      if (this.#expiry(parent) <= expiresNs) break
      this.#place(position, this.#id(parent), this.#expiry(parent))
      position = parent
    }
    this.#place(position, id, expiresNs)
  }

  #sink(from: number, id: number, expiresNs: number): void {
    let position = from
    for (;;) {
      let child = 2 * position + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && this.#expiry(child + 1) < this.#expiry(child)) child += 1
      if (this.#expiry(child) >= expiresNs) break
      this.#place(position, this.#id(child), this.#expiry(child))
      position = child
    }
    this.#place(position, id, expiresNs)
  }

  #place(position: number, id: number, expiresNs: number): void {
    this.#ids[position] = id
    this.#expiries[position] = expiresNs
    this.#positions.set(id, position)
  }

  #id(position: number): number {
    return this.#ids[position] ?? 0
  }

  #expiry(position: number): number {
    return this.#expiries[position] ?? 0
  }

  #grow(): void {
    const ids = new Uint32Array(this.#ids.length * 2)
    ids.set(this.#ids)
    this.#ids = ids
    const expiries = new Float64Array(ids.length)
    expiries.set(this.#expiries)
    this.#expiries = expiries
  }
}
