import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../test/encoding-source.js';
import { FormatError, ShapeError } from '../errors/errors.js';
import { Tensor } from '../tensor/tensor.js';
import { packBits, packed, packedBytes, packedKind, unpackBits } from './packed.js';

/** Bit i of the stream of codes, low bits first. */
function naiveBit(codes: Uint8Array, bitWidth: number, i: number): number {
  return ((codes[Math.floor(i / bitWidth)] ?? 0) >> (i % bitWidth)) & 1;
}

const codesOf = (bitWidth: number): fc.Arbitrary<Uint8Array> =>
  fc.array(fc.nat({ max: 2 ** bitWidth - 1 }), { maxLength: 50 }).map((codes) => Uint8Array.from(codes));

const coded = fc
  .integer({ min: 1, max: 8 })
  .chain((bitWidth) => fc.tuple(codesOf(bitWidth), fc.constant(bitWidth)));

describe('packed bits', () => {
  test('are the bits of the codes, low first, and zeros at the end', () => {
    fc.assert(
      fc.property(coded, ([codes, bitWidth]) => {
        const bytes = packBits(codes, bitWidth);
        expect(bytes.length).toBe(packedBytes(codes.length, bitWidth));
        for (let i = 0; i < bytes.length * 8; i++) {
          expect(((bytes[i >> 3] ?? 0) >> (i & 7)) & 1).toBe(naiveBit(codes, bitWidth, i));
        }
        expect(unpackBits(bytes, codes.length, bitWidth)).toEqual(codes);
      }),
    );
  });

  test('of 3 bits for 1, 2, 7 are the two bytes d1 01', () => {
    // 1 + (2 << 3) + (7 << 6) = 465 = 0x1d1, by hand.
    expect(packBits(Uint8Array.of(1, 2, 7), 3)).toEqual(Uint8Array.of(0xd1, 0x01));
  });
});

describe('packed signed codes', () => {
  test('are kept in two complements, and read back', () => {
    const signed = fc.integer({ min: 1, max: 8 }).chain((bitWidth) => {
      const code = fc.integer({ min: -(2 ** (bitWidth - 1)), max: 2 ** (bitWidth - 1) - 1 });
      return fc.tuple(fc.array(code, { maxLength: 50 }), fc.constant(bitWidth));
    });
    fc.assert(
      fc.property(signed, ([codes, bitWidth]) => {
        const encoding = packed(new Tensor('int8', Int8Array.from(codes)), bitWidth);
        expect(encoding.type).toBe('int8');
        expect(encoding.byteLength).toBe(1 + Math.ceil((codes.length * bitWidth) / 8));
        expect(Array.from(encoding.decode().data)).toEqual(codes);
        const read = packedKind.read(sourceOf(encoding));
        expect(Array.from(read.decode().data as Int8Array)).toEqual(codes);
      }),
    );
  });

  test('that need a bit more are refused', () => {
    for (const code of [-9, 8]) {
      expect(() => packed(new Tensor('int8', Int8Array.of(code)), 4)).toThrow(ShapeError);
    }
  });
});

describe('a packed encoding', () => {
  test('decodes to its codes, has the bytes it says, and is read back', () => {
    fc.assert(
      fc.property(coded, ([codes, bitWidth]) => {
        const encoding = packed(new Tensor('uint8', codes), bitWidth);
        expect(encoding.decode().data).toEqual(codes);
        expect(encoding.byteLength).toBe(encoding.params().length + encoding.payload().length);
        expect(packedKind.read(sourceOf(encoding)).decode().data).toEqual(codes);
      }),
    );
  });

  test('refuses codes that need more bits, and widths other than 1 to 8', () => {
    const codes = new Tensor('uint8', Uint8Array.of(0, 8));
    expect(() => packed(codes, 3)).toThrow(/8 does not fit 3 bits/);
    for (const bitWidth of [0, 9, 1.5, NaN]) expect(() => packed(codes, bitWidth)).toThrow(ShapeError);
  });

  test('is refused by its reader where width, type or length contradict each other', () => {
    const encoding = packed(new Tensor('uint8', Uint8Array.of(1, 2, 3)), 2);
    for (const changes of [
      { params: Uint8Array.of(0) },
      { params: Uint8Array.of(9) },
      { params: new Uint8Array() },
      { type: 'int16' as const },
      { dims: [5] },
      { dims: [2 ** 20, 2 ** 20] },
      { payload: new Uint8Array(2) },
    ]) {
      expect(() => packedKind.read(sourceOf(encoding, changes)), JSON.stringify(changes)).toThrow(
        FormatError,
      );
    }
  });
});
