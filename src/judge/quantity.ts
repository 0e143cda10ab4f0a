import type { MetricDefinition } from '../measure/metrics.ts'

export type Unit = MetricDefinition['unit']

/** What stands where there is no figure. */
export const NO_FIGURE = '–'

/**
 * The one way in which this package writes a measured figure: messages as whole numbers,
 * everything else with three significant digits but never rounded beyond the units. The same on
 * every machine, whatever its locale.
 */
export function figure(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_FIGURE
  return unit === 'messages' ? count(value) : threeDigits(value)
}

/** A figure followed by its unit: `61.2 ms`, `1 message`; a share of 1 has none. */
export function quantity(value: number, unit: Unit): string {
  return withUnit(figure(value, unit), unit)
}

/** A number as it was written, with its unit; for limits and values that rounding would blur. */
export function exactQuantity(value: number, unit: Unit): string {
  return withUnit(group(String(value)), unit)
}

/** A whole number with its thousands apart. */
export function count(value: number): string {
  return group(value.toFixed(0))
}

/** How many times `larger` is `smaller`: `2.1×`, `15×`. */
export function factor(larger: number, smaller: number): string {
  const times = larger / smaller
  return `${times < 9.95 ? times.toFixed(1) : count(times)}×`
}

function threeDigits(value: number): string {
  if (value === 0) return '0'
  // The exponent after rounding: 9.999 is to become 10.0, not 10.00.
  const exponent = Number(value.toExponential(2).split('e')[1])
  if (exponent < -DECIMALS_MAX) return `<${(10 ** -DECIMALS_MAX).toFixed(DECIMALS_MAX)}`
  return group(value.toFixed(Math.min(Math.max(2 - exponent, 0), DECIMALS_MAX)))
}

/** Six decimals of a millisecond are a nanosecond, the resolution of the clock. */
const DECIMALS_MAX = 6

function group(digits: string): string {
  const [whole = '', ...fraction] = digits.split('.')
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...fraction].join('.')
}

function withUnit(text: string, unit: Unit): string {
  if (unit === 'share') return text
  return `${text} ${text === '1' && unit === 'messages' ? 'message' : unit}`
}

/** A share above `limit`: rounded, unless rounding would print the limit itself. */
export function percentAbove(share: number, limit: number): string {
  const [rounded, limitRounded] = [share, limit].map(value => (value * 100).toPrecision(3))
  return `${Number(rounded === limitRounded ? (share * 100).toPrecision(12) : rounded)} %`
}
