/** How far counts are from being equal: Pearson's chi-square, with one freedom less than counts. */
export function chiSquareOf(counts: Iterable<number>): number {
  const list = [...counts]
  const expected = list.reduce((sum, count) => sum + count, 0) / list.length
  return list.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** What equal chances exceed once in a thousand (Wilson and Hilferty's approximation). */
export function chiSquareLimit(freedoms: number): number {
  const part = 2 / (9 * freedoms)
  return freedoms * (1 - part + 3.09 * Math.sqrt(part)) ** 3
}

/**
 * The distance of Kolmogorov and Smirnov between the values and a distribution, times the root of
 * their number; values of that distribution exceed 1.63 once in a hundred.
 */
export function distanceFrom(values: Float64Array, cumulative: (value: number) => number): number {
  const sorted = values.toSorted()
  let distance = 0
  sorted.forEach((value, index) => {
    const share = cumulative(value)
    const below = share - index / sorted.length
    const above = (index + 1) / sorted.length - share
    distance = Math.max(distance, below, above)
  })
  return distance * Math.sqrt(sorted.length)
}
