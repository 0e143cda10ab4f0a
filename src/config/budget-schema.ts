import { z } from 'zod'
import { METRICS } from '../measure/metrics.ts'
import { takes } from './field.ts'
import type { Budget } from './scenario.ts'

const limitSchema = z.number(takes('a number from 0')).min(0, takes('a number from 0'))

const boundsSchema = z
  .strictObject({
    max: limitSchema.optional().describe('The value must not be greater.'),
    min: limitSchema.optional().describe('The value must not be less.'),
    level: z
      .enum(['error', 'warn'], takes('"error" or "warn"'))
      .default('error')
      .describe('Whether a violation fails the scenario or is only reported.'),
  })
  .transform((bounds, context) => {
    const { max, min } = bounds
    if (max === undefined && min === undefined) {
      context.addIssue('Cannot use a budget without a limit: it takes max, min or both')
    } else if (max !== undefined && min !== undefined && min > max) {
      context.addIssue(`Cannot use a budget of min ${min} and max ${max}: no value meets both`)
    }
    return bounds
  })
  .meta({ id: 'BudgetBounds' })

const limitShape = Object.fromEntries(
  [...METRICS].map(([name, { better, meaning, unit }]) => [
    name,
    z
      .union([limitSchema, boundsSchema], takes('a number, or an object with max or min'))
      .optional()
      .describe(
        `${meaning}, in ${unit}. A bare number is a ${better === 'less' ? 'maximum' : 'minimum'}.`,
      ),
  ]),
)

export const budgetsSchema = z
  .strictObject(limitShape, takes('an object of metrics and their limits'))
  .meta({
    id: 'Budgets',
    description: 'Limits that the metrics of the scenario must keep, by the name of the metric.',
  })

/** One budget per bound, in the order of METRICS. */
export function listBudgets(limits: z.output<typeof budgetsSchema>): Budget[] {
  return Object.entries(limits).flatMap(([metric, limit]): Budget[] => {
    if (limit === undefined) return []
    if (typeof limit === 'number') {
      const bound = METRICS.get(metric)?.better === 'more' ? 'min' : 'max'
      return [{ metric, bound, limit, level: 'error' }]
    }
    const { max, min, level } = limit
    return [
      ...(max === undefined ? [] : [{ metric, bound: 'max', limit: max, level } as const]),
      ...(min === undefined ? [] : [{ metric, bound: 'min', limit: min, level } as const]),
    ]
  })
}
