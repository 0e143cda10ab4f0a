/**
 * A value with everything that MessagePack tells apart: integers of 64 bits, floats that are whole,
 * keys of any kind.
 */
export type ForeignValue =
  | null
  | boolean
  | string
  | bigint
  | { readonly float: number }
  | { readonly binary: Uint8Array }
  | { readonly extension: number; readonly data: Uint8Array }
  | { readonly items: readonly ForeignValue[] }
  | { readonly pairs: readonly (readonly [ForeignValue, ForeignValue])[] }

/** Takes one of `count` forms, by a number below it. */
export type ChooseForm = (count: number) => number

/** Encodes `value` as another encoder might: in any form that holds it, not only the shortest. */
export function encodeForeign(value: ForeignValue, choose: ChooseForm): Buffer {
  const pick = (forms: readonly Buffer[]) => forms[choose(forms.length)] ?? Buffer.alloc(0)
  if (value === null) return Buffer.of(0xc0)
  if (typeof value === 'boolean') return Buffer.of(value ? 0xc3 : 0xc2)
  if (typeof value === 'bigint') return pick(integerForms(value))
  if (typeof value === 'string') {
    const utf8 = Buffer.from(value)
    const heads = lengthHeads(utf8.length, [0xa0, 0x1f], [0xd9, 0xda, 0xdb])
    return Buffer.concat([pick(heads), utf8])
  }
  if ('float' in value) return pick(floatForms(value.float))
  if ('binary' in value) {
    const heads = lengthHeads(value.binary.length, undefined, [0xc4, 0xc5, 0xc6])
    return Buffer.concat([pick(heads), value.binary])
  }
  if ('extension' in value) return extension(value.extension, value.data, pick)
  if ('items' in value) {
    const heads = lengthHeads(value.items.length, [0x90, 0x0f], [undefined, 0xdc, 0xdd])
    return Buffer.concat([pick(heads), ...value.items.map(item => encodeForeign(item, choose))])
  }
  const heads = lengthHeads(value.pairs.length, [0x80, 0x0f], [undefined, 0xde, 0xdf])
  const pairs = value.pairs.flat().map(part => encodeForeign(part, choose))
  return Buffer.concat([pick(heads), ...pairs])
}

function integerForms(value: bigint): Buffer[] {
  const forms: Buffer[] = []
  if (value >= -32n && value <= 127n) forms.push(Buffer.of(Number(BigInt.asUintN(8, value))))
  for (const [index, bits] of [8, 16, 32, 64].entries()) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(BigInt.asUintN(64, value))
    const tail = bytes.subarray(8 - bits / 8)
    if (BigInt.asUintN(bits, value) === value) forms.push(headed(0xcc + index, tail))
    if (BigInt.asIntN(bits, value) === value) forms.push(headed(0xd0 + index, tail))
  }
  return forms
}

function floatForms(value: number): Buffer[] {
  const double = Buffer.alloc(8)
  double.writeDoubleBE(value)
  const single = Buffer.alloc(4)
  single.writeFloatBE(value)
  const forms = [headed(0xcb, double)]
  if (Object.is(Math.fround(value), value)) forms.push(headed(0xca, single))
  return forms
}

function extension(type: number, data: Uint8Array, pick: (forms: readonly Buffer[]) => Buffer) {
  const heads = lengthHeads(data.length, undefined, [0xc7, 0xc8, 0xc9])
  const fixed = [1, 2, 4, 8, 16].indexOf(data.length)
  if (fixed >= 0) heads.push(Buffer.of(0xd4 + fixed))
  return Buffer.concat([pick(heads), Buffer.of(type), data])
}

/** Every head that can say `length`: in the head byte itself, or in 8, 16 or 32 bits behind it. */
function lengthHeads(
  length: number,
  fixed: readonly [head: number, lengthMax: number] | undefined,
  sized: readonly (number | undefined)[],
): Buffer[] {
  const heads: Buffer[] = []
  if (fixed !== undefined && length <= fixed[1]) heads.push(Buffer.of(fixed[0] | length))
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  for (const [index, head] of sized.entries()) {
    const width = 1 << index
    if (head !== undefined && length < 256 ** width) {
      heads.push(headed(head, bytes.subarray(4 - width)))
    }
  }
  return heads
}

function headed(head: number, tail: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(head), tail])
}
