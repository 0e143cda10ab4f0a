const TWO_TO_24 = 16777216
const TWO_TO_26 = 67108864
const TWO_TO_32 = 4294967296
const TWO_TO_53 = 9007199254740992

/** Values to throw away until a seed of 64 bits is mixed in. */
const WARM_UP = 12

/**
 * Random numbers: always the same ones for the same seed and streams, which are whole numbers to
 * 2^53, and unrelated ones for any others. The generator is sfc32 of PractRand (Chris
 * Doty-Humphrey, public domain), seeded with 64 bits as there; no period is shorter than 2^32.
 */
export class Random {
  #a = 0
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number, ...streams: readonly number[]) {
    let low = 0
    let high = 1
    for (const value of [seed, ...streams]) {
      low = hashOf(low, value, value / TWO_TO_32)
      high = hashOf(high, value, value / TWO_TO_32)
    }
    this.#b = low | 0
    this.#c = high | 0
    for (let round = 0; round < WARM_UP; round += 1) this.bits()
  }

  /** 32 bits as a signed number. */
  bits(): number {
    const b = this.#b
    const c = this.#c
    const value = (this.#a + b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = b ^ (b >>> 9)
    this.#b = (c + (c << 3)) | 0
    this.#c = (((c << 21) | (c >>> 11)) + value) | 0
    return value
  }

  /** From 0 to less than 1, with 53 bits. */
  uniform(): number {
    return ((this.bits() >>> 5) * TWO_TO_26 + (this.bits() >>> 6)) / TWO_TO_53
  }

  /**
   * Of mean 1: the ziggurat of Marsaglia and Tsang (Journal of Statistical Software 5(8), 2000), a
   * third of what a logarithm costs. Layer and place come from bits of their own (Doornik, 2005).
   */
  exponential(): number {
    let passed = 0
    for (;;) {
      const bits = this.bits()
      const layer = bits & (LAYERS - 1)
      const value = ((bits >>> 8) / TWO_TO_24) * (WIDTHS[layer] ?? 0)
      // Nearly always: the layer above covers the place too, so the curve is still over it.
      if (value < (WIDTHS[layer + 1] ?? 0)) return passed + value
      if (layer === 0) {
        // Beyond the end of the layers the curve begins again, only lower.
        passed += TAIL_START
        continue
      }
      const low = HEIGHTS[layer] ?? 0
      const high = HEIGHTS[layer + 1] ?? 0
      if (low + this.uniform() * (high - low) < Math.exp(-value)) return passed + value
    }
  }
}

const LAYERS = 256
/** Where the lowest layer ends, and the area of each layer, for this number of layers. */
const TAIL_START = 7.69711747013105
const LAYER_AREA = 0.003949659822581557
/** Of the layers from the bottom up, and the height of the curve at the end of each. */
const WIDTHS = new Float64Array(LAYERS + 1)
const HEIGHTS = new Float64Array(LAYERS + 1)
// The lowest layer is as wide as if the tail behind it were part of its rectangle.
WIDTHS[0] = LAYER_AREA * Math.exp(TAIL_START)
for (let layer = 1, width = TAIL_START; layer < LAYERS; layer += 1) {
  WIDTHS[layer] = width
  HEIGHTS[layer] = Math.exp(-width)
  width = -Math.log(Math.exp(-width) + LAYER_AREA / width)
}
HEIGHTS[LAYERS] = 1

/**
 * A number of 32 bits in which each bit depends on every bit of the three, of which the low 32 bits
 * of the whole part count. MurmurHash3_x86_32 (Austin Appleby, public domain) of the words `a` and
 * `b`.
 */
export function hashOf(seed: number, a: number, b: number): number {
  let hash = mixIn(mixIn(seed | 0, a), b) ^ HASHED_BYTES
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const HASHED_BYTES = 8

function mixIn(hash: number, word: number): number {
  const product = Math.imul(word, 0xcc9e2d51)
  const mixed = hash ^ Math.imul((product << 15) | (product >>> 17), 0x1b873593)
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}
