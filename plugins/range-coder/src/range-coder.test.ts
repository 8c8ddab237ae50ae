import { FormatError } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkCount, RangeDecoder } from './range-decoder.js';
import { RangeEncoder } from './range-encoder.js';

interface Bit {
  readonly bit: number;
  readonly probability: number;
}

const probabilities = fc.oneof(fc.integer({ min: 1, max: 4095 }), fc.constantFrom(1, 2048, 4095));
const bits: fc.Arbitrary<Bit[]> = fc.array(fc.record({ bit: fc.nat(1), probability: probabilities }), {
  maxLength: 400,
});

function encode(list: readonly Bit[]): Uint8Array {
  const coder = new RangeEncoder();
  for (const { bit, probability } of list) coder.encode(bit, probability);
  return coder.finish();
}

/** Bits that a coder of unlimited precision takes. */
function cost(list: readonly Bit[]): number {
  return list.reduce((sum, { bit, probability: p }) => sum - Math.log2((bit === 1 ? p : 4096 - p) / 4096), 0);
}

describe('a stream of bits', () => {
  test('comes back, whatever it was guessed by', () => {
    fc.assert(
      fc.property(bits, (list) => {
        const decoder = new RangeDecoder(encode(list));
        for (const { bit, probability } of list) expect(decoder.decode(probability)).toBe(bit);
        decoder.finish();
      }),
    );
  });

  test('takes no more than its guesses say, but for a byte and a part in a thousand', () => {
    fc.assert(
      fc.property(bits, (list) => {
        expect(encode(list).length * 8).toBeLessThan(1.001 * cost(list) + 9);
      }),
    );
  });

  test('carries into bytes that were given out', () => {
    // Halves of the range, always the upper one: all ones, until a last small step overflows them.
    const list = Array.from({ length: 200 }, () => ({ bit: 0, probability: 2048 }));
    for (let last = 0; last < 200; last++) {
      const tried = [...list.slice(0, last), { bit: 0, probability: 4095 }, { bit: 1, probability: 1 }];
      const decoder = new RangeDecoder(encode(tried));
      for (const { bit, probability } of tried) expect(decoder.decode(probability)).toBe(bit);
    }
  });

  test.each([
    { bit: 1, probability: 4095, bytes: 0 },
    { bit: 1, probability: 2048, bytes: 125 },
  ])('of 1000 bits $bit at $probability takes $bytes bytes', ({ bit, probability, bytes }) => {
    // The lower part of the range, which holds the number 0, is a 1; zeros inside the window are left out.
    const list = Array.from({ length: 1000 }, () => ({ bit, probability }));
    expect(encode(list).length).toBe(bytes);
  });

  test('knows when more than its window is missing, and when something follows', () => {
    const list = Array.from({ length: 400 }, (_, i) => ({ bit: i % 3 === 0 ? 1 : 0, probability: 1365 }));
    const bytes = encode(list);
    const decodeAll = (stream: Uint8Array): void => {
      const decoder = new RangeDecoder(stream);
      for (const { probability } of list) decoder.decode(probability);
      decoder.finish();
    };
    expect(() => decodeAll(bytes)).not.toThrow();
    expect(() => decodeAll(bytes.subarray(0, bytes.length - 20))).toThrow(FormatError);
    expect(() => decodeAll(Uint8Array.of(...bytes, 0, 0, 0, 0, 0))).toThrow(/left over/);
  });

  test('does not start with a set bit', () => {
    expect(() => new RangeDecoder(Uint8Array.of(128))).toThrow(FormatError);
  });
});

describe('a stream of numbers', () => {
  const numbers = fc.array(
    fc
      .integer({ min: 1, max: 65536 })
      .chain((total) => fc.record({ total: fc.constant(total), value: fc.nat(total - 1) })),
    { maxLength: 100 },
  );

  test('comes back between bits', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const coder = new RangeEncoder();
        for (const { total, value } of list) {
          coder.encodeUniform(value, total);
          coder.encode(value & 1, 1000);
        }
        const decoder = new RangeDecoder(coder.finish());
        for (const { total, value } of list) {
          expect(decoder.decodeUniform(total)).toBe(value);
          expect(decoder.decode(1000)).toBe(value & 1);
        }
        decoder.finish();
      }),
    );
  });
});

test('a claim of more bits than bytes can hold is refused', () => {
  expect(() => checkCount(180_000, 0)).not.toThrow();
  expect(() => checkCount(2 ** 31, 1000)).toThrow(FormatError);
});
