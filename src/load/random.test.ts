import { describe, expect, test } from 'vitest'
import { chiSquareLimit, chiSquareOf, distanceFrom } from '../testing/statistics.ts'
import { hashOf, Random } from './random.ts'

const DRAWS = 200_000

function firstOf(random: Random, count = 4): readonly number[] {
  return Array.from({ length: count }, () => random.bits())
}

describe('Random', () => {
  // From a C program made of the published sfc32 and MurmurHash3.
  test.each([
    { of: [1], bits: [-845887233, -532121667, -1389245519, -388988605] },
    { of: [7, 3], bits: [1413591845, -1879775274, -1423318676, -698211244] },
    {
      of: [Number.MAX_SAFE_INTEGER, 2 ** 32, 0],
      bits: [933213487, -1104596938, 1863799799, -716138607],
    },
  ])('has the bits of sfc32 for $of', ({ of: [seed = 0, ...streams], bits }) => {
    expect(firstOf(new Random(seed, ...streams))).toEqual(bits)
    expect(firstOf(new Random(seed, ...streams))).toEqual(bits)
  })

  test('differs for every seed and stream', () => {
    const seeds = [0, 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]
    const randoms = seeds.flatMap(seed => [
      new Random(seed),
      new Random(seed, 0),
      new Random(seed, 1),
      new Random(seed, 0, 0),
      new Random(seed, 2 ** 40),
    ])
    const seen = new Set(randoms.flatMap(random => firstOf(random, 1000)))
    // Of 25,000 random numbers of 32 bits, not one pair is expected to be equal.
    expect(seen.size).toBeGreaterThan(randoms.length * 1000 - 4)
  })

  test('uniform() has every place and every pair of places equally often', () => {
    const random = new Random(11, 5)
    const places = new Float64Array(256)
    const pairs = new Float64Array(256)
    let last = 0
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const value = random.uniform()
      expect.assert(value >= 0 && value < 1)
      const place = Math.floor(value * 256)
      places[place] = (places[place] ?? 0) + 1
      const pair = (last & 0xf0) | (place >> 4)
      pairs[pair] = (pairs[pair] ?? 0) + 1
      last = place
    }
    expect(chiSquareOf(places)).toBeLessThan(chiSquareLimit(255))
    expect(chiSquareOf(pairs)).toBeLessThan(chiSquareLimit(255))
  })

  test('exponential() has the distribution of that name, and mean 1', () => {
    const random = new Random(12)
    const draws = 10 * DRAWS
    const values = Float64Array.from({ length: draws }, () => random.exponential())
    expect(distanceFrom(values, value => 1 - Math.exp(-value))).toBeLessThan(1.63)
    expect(values.reduce((sum, value) => sum + value, 0) / draws).toBeCloseTo(1, 2)
    // Values beyond the layers of the ziggurat: 906 are expected.
    const tail = values.filter(value => value > 7.7).map(value => value - 7.7)
    expect(tail.length).toBeGreaterThan(800)
    expect(distanceFrom(tail, value => 1 - Math.exp(-value))).toBeLessThan(1.63)
  })
})

describe('hashOf()', () => {
  // From the published MurmurHash3_x86_32 in C, of two words.
  test.each([
    [0, 0, 0, 1669671676],
    [1, 2, 3, 2920678231],
    [42, 0xffffffff, 7, 1507294713],
    [0x9747b28c, 0x74736574, 0x12345678, 4064599207],
    [7, 9, 100_000, 26614359],
  ])('of %i, %i and %i is MurmurHash3', (seed, a, b, hash) => {
    expect(hashOf(seed, a, b)).toBe(hash)
  })

  test('turns half of its bits, and each as often, with any one bit of its input', () => {
    const random = new Random(13)
    const rounds = 2000
    for (let input = 0; input < 96; input += 1) {
      const turned = new Float64Array(32)
      for (let round = 0; round < rounds; round += 1) {
        const words: [number, number, number] = [random.bits(), random.bits(), random.bits()]
        const before = hashOf(...words)
        const word = Math.floor(input / 32)
        words[word] = (words[word] ?? 0) ^ (1 << (input % 32))
        const change = before ^ hashOf(...words)
        for (let bit = 0; bit < 32; bit += 1)
          turned[bit] = (turned[bit] ?? 0) + ((change >>> bit) & 1)
      }
      // Six standard deviations from half: one in a million tests of all bits would be beyond.
      const sixSigma = 3 * Math.sqrt(rounds)
      for (const count of turned) {
        expect(Math.abs(count - rounds / 2), `input bit ${input}`).toBeLessThan(sixSigma)
      }
    }
  })
})
