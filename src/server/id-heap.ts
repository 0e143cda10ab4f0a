const CAPACITY_MIN = 64

/** A min-heap of message ids: the lowest one that came back is leased first. */
export class IdHeap {
  #ids = new Uint32Array(CAPACITY_MIN)
  #size = 0

  get size(): number {
    return this.#size
  }

  add(id: number): void {
    if (this.#size === this.#ids.length) {
      const grown = new Uint32Array(this.#ids.length * 2)
      grown.set(this.#ids)
      this.#ids = grown
    }
    const ids = this.#ids
    let position = this.#size
    this.#size += 1
    while (position > 0) {
      const parent = (position - 1) >>> 1
      const above = ids[parent] ?? 0
      if (above <= id) break
      ids[position] = above
      position = parent
    }
    ids[position] = id
  }

  /** The lowest id, or -1. */
  peek(): number {
    return this.#size === 0 ? -1 : (this.#ids[0] ?? -1)
  }

  /** Takes the lowest id out; returns it, or -1. */
  pop(): number {
    if (this.#size === 0) return -1
    const ids = this.#ids
    const lowest = ids[0] ?? -1
    this.#size -= 1
    const last = ids[this.#size] ?? 0
    let position = 0
    for (;;) {
      let child = 2 * position + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && (ids[child + 1] ?? 0) < (ids[child] ?? 0)) child += 1
      const below = ids[child] ?? 0
      if (below >= last) break
      ids[position] = below
      position = child
    }
    ids[position] = last
    return lowest
  }
}
