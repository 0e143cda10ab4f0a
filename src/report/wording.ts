import { count } from '../judge/quantity.ts'

/** `1 round`, `5 rounds`; for messages and units there is `quantity`. */
export function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`
}

/** A part of 1 in per cent; below 1 % with a decimal, so that little is not nothing. */
export function percent(share: number): string {
  const percents = share * 100
  if (percents === 0) return '0 %'
  if (percents < 0.1) return '<0.1 %'
  return `${percents < 0.95 ? percents.toFixed(1) : count(percents)} %`
}
