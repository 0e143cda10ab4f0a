import { median, spread } from './ratios.ts'

/**
 * Measures two sides in turn and prints the median of the ratios of their pairs. Who goes first
 * takes turns, so that neither side always meets a warmer machine.
 */
export async function compareInPairs(options: {
  readonly title: string
  readonly pairs: number
  readonly unit: string
  readonly ours: { readonly name: string; readonly measure: () => Promise<number> }
  readonly other: { readonly name: string; readonly measure: () => Promise<number> }
}): Promise<void> {
  const { title, pairs, unit, ours, other } = options
  const figures = { ours: [] as number[], other: [] as number[] }
  for (let pair = 0; pair < pairs; pair += 1) {
    const sides = [
      async () => figures.ours.push(await ours.measure()),
      async () => figures.other.push(await other.measure()),
    ]
    for (const side of pair % 2 === 0 ? sides : sides.reverse()) await side()
  }
  const ratios = figures.ours.map((value, pair) => value / (figures.other[pair] ?? Number.NaN))
  process.stdout.write(
    `${title}: ratio ${median(ratios).toFixed(2)} (${spread(ratios)}), ${ours.name} ${shown(figures.ours)} ${unit}, ${other.name} ${shown(figures.other)} ${unit}\n`,
  )
}

function shown(values: readonly number[]): string {
  return Number(median(values).toPrecision(4)).toString()
}
