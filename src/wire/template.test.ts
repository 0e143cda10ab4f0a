import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Template, viewed } from './template.ts'

const anyBytes = fc.uint8Array({ maxLength: 60 })
/** Eight bytes that are no number, or zero in one of its two forms, among others. */
const oddWords = fc
  .array(
    fc.constantFrom(
      [0x7f, 0xf0, 0, 0, 0, 0, 0, 1],
      [0xff, 0xf8, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [0x80, 0, 0, 0, 0, 0, 0, 0],
      [...Buffer.from('log_id__')],
    ),
    { maxLength: 4 },
  )
  .map(words => Uint8Array.from(words.flat()))
const anyTemplate = fc.oneof(anyBytes, oddWords)

describe('Template', () => {
  test('write() writes its bytes and none beside them, wherever it is', () => {
    fc.assert(
      fc.property(anyTemplate, fc.nat(20), (bytes, offset) => {
        const target = Buffer.alloc(offset + bytes.length + 20, 0x55)
        const expected = Buffer.from(target)
        expected.set(bytes, offset)

        const end = new Template(bytes).write(viewed(target).view, offset)
        expect(end).toBe(offset + bytes.length)
        expect(target).toEqual(expected)
      }),
    )
  })

  test('standsAt() is true of its bytes alone', () => {
    const anyChange = fc.record({ at: fc.nat(), to: fc.constantFrom(0, 0x80, 0x7f, 0xff, 0x61) })
    fc.assert(
      fc.property(anyTemplate, fc.nat(20), fc.option(anyChange), (bytes, offset, change) => {
        const body = Buffer.concat([Buffer.alloc(offset), bytes, Buffer.alloc(9)])
        if (change !== null && bytes.length > 0)
          body[offset + (change.at % bytes.length)] = change.to

        const isThere = body.compare(bytes, 0, bytes.length, offset, offset + bytes.length) === 0
        expect(new Template(bytes).standsAt(viewed(body).view, offset)).toBe(isThere)
      }),
      { numRuns: 1000 },
    )
  })

  test('standsAt() tells the two forms of zero apart', () => {
    const zero = Buffer.alloc(8)
    const negative = Buffer.of(0x80, 0, 0, 0, 0, 0, 0, 0)

    expect(new Template(zero).standsAt(viewed(negative).view, 0)).toBe(false)
    expect(new Template(negative).standsAt(viewed(zero).view, 0)).toBe(false)
  })
})
