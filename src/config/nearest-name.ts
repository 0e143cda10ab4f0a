/**
 * The name that whoever wrote `name` probably meant, or `undefined` where none is near: at most a
 * third of the letters differ, or else one is a part of the other. Case counts for nothing.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const written = name.slice(0, NAME_LENGTH_MAX).toLowerCase()
  const near = known
    .map(candidate => ({ candidate, edits: editDistance(written, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(written.length, candidate.length) / 3)
    .sort((a, b) => a.edits - b.edits)
  return near[0]?.candidate ?? known.find(candidate => isPart(written, candidate.toLowerCase()))
}

const NAME_LENGTH_MAX = 100
const PART_LENGTH_MIN = 3

function isPart(one: string, other: string): boolean {
  if (Math.min(one.length, other.length) < PART_LENGTH_MIN) return false
  return one.includes(other) || other.includes(one)
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `from` into `to`. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(last, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1)
      const moved = 1 + Math.min(at(last, column), at(current, column - 1))
      const swaps = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      const swapped = swaps ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY
      current.push(Math.min(replaced, moved, swapped))
    }
    beforeLast = last
    last = current
  }
  return at(last, to.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
