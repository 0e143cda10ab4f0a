import fc from 'fast-check'
import type { ForeignValue } from './foreign-encoding.ts'

/** Any value of any kind of MessagePack, nested a few levels. */
export const anyForeignValue: fc.Arbitrary<ForeignValue> = fc.letrec<{ value: ForeignValue }>(
  tie => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant(null),
      fc.boolean(),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
      fc.double().map(float => ({ float })),
      fc.uint8Array({ maxLength: 300 }).map(binary => ({ binary })),
      fc.record({ extension: fc.nat(255), data: fc.uint8Array({ maxLength: 20 }) }),
      fc.array(tie('value'), { maxLength: 20 }).map(items => ({ items })),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 20 }).map(pairs => ({ pairs })),
    ),
  }),
).value
