import { FormatError } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkStream, decodeStream } from './decode-stream.js';
import { encodeStream, planStream } from './encode-stream.js';

/** Streams with few and many symbols, flat and skewed so far that codes reach the length limit. */
const streams = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2, 255), { maxLength: 600 }).map((s) => Uint8Array.from(s)),
  fc.integer({ min: 2, max: 22 }).map(deepStream),
);

/** Symbol i occurs fibonacci(i) times: Huffman's tree would be as deep as there are symbols. */
function deepStream(depth: number): Uint8Array {
  const symbols: number[] = [];
  for (let i = 0, a = 1, b = 1; i < depth; i++, [a, b] = [b, a + b]) {
    // Scattered by a multiplier coprime to the length, so that long codes stand between short ones.
    for (let j = 0; j < a; j++) symbols.push(i * 11);
  }
  return Uint8Array.from(symbols, (_, i) => symbols[(i * 7919) % symbols.length] ?? 0);
}

function zerothOrderEntropyBits(symbols: Uint8Array): number {
  const counts = new Map<number, number>();
  for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / symbols.length);
  return bits;
}

describe('a coded stream', () => {
  test('decodes to the symbols it was made of, in the bytes that were planned', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 8, max: 15 }), (symbols, maxBits) => {
        const plan = planStream(symbols, maxBits);
        const bytes = encodeStream(symbols, plan);
        expect(bytes.length).toBe(plan.byteLength);
        expect(() => checkStream(bytes, symbols.length)).not.toThrow();
        expect(Buffer.compare(decodeStream(bytes, symbols.length), symbols)).toBe(0);
      }),
    );
  });

  test('decodes when it stands at an odd offset of a larger file', () => {
    const symbols = deepStream(16);
    const bytes = encodeStream(symbols);
    const file = new Uint8Array(bytes.length + 10).fill(255);
    file.set(bytes, 3);
    expect(Buffer.compare(decodeStream(file.subarray(3, 3 + bytes.length), symbols.length), symbols)).toBe(0);
  });

  test('codes take less than one bit a symbol more than the entropy', () => {
    fc.assert(
      fc.property(streams, (symbols) => {
        const plan = planStream(symbols);
        const bits = (plan.byteLength - plan.table.length) * 8;
        // 15 bits bind for the deepest stream only, by far less than the 8 bits of the last byte.
        expect(bits).toBeLessThan(zerothOrderEntropyBits(symbols) + symbols.length + 8);
      }),
    );
  });

  test.each([0, 1, 7, 8, 9, 1000])('of %i equal symbols takes one bit for each', (count) => {
    const symbols = new Uint8Array(count).fill(200);
    const plan = planStream(symbols);
    expect(plan.byteLength - plan.table.length).toBe(Math.ceil(count / 8));
    expect(decodeStream(encodeStream(symbols), count)).toEqual(symbols);
  });

  test('made by hand: 0 1 0 2 with lengths 1, 2, 2', () => {
    // Codes 0, 10, 11 from the low bit up: 0, 1 0, 0, 1 1.
    const table = [0b10001011, 0b000];
    expect([...encodeStream(Uint8Array.of(0, 1, 0, 2))]).toEqual([...table, 0b110010]);
  });
});

describe('a damaged stream', () => {
  const symbols = deepStream(12);
  const bytes = encodeStream(symbols);

  test('is refused wherever it is cut', () => {
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeStream(bytes.subarray(0, end), symbols.length)).toThrow(FormatError);
    }
  });

  test('is refused when bytes follow its last symbol', () => {
    const longer = Uint8Array.of(...bytes, 0);
    expect(() => decodeStream(longer, symbols.length)).toThrow(/end after/);
  });

  test('is refused when its last byte is not filled with zeros', () => {
    expect(() => decodeStream(Uint8Array.of(0b10001011, 0b000, 0b10110010), 4)).toThrow(
      /after its last symbol/,
    );
  });

  test('is refused before memory is taken for more symbols than its bits', () => {
    expect(() => decodeStream(bytes, 2 ** 40)).toThrow(/can't hold/);
    expect(() => checkStream(bytes, 2 ** 40)).toThrow(FormatError);
    const empty = encodeStream(new Uint8Array(0));
    expect(() => decodeStream(empty, 1)).toThrow(FormatError);
    expect(() => checkStream(empty, 1)).toThrow(FormatError);
  });

  test('is refused when it uses the bit string that the code of one symbol leaves free', () => {
    const zeros = encodeStream(new Uint8Array(40));
    zeros[zeros.length - 1] = 0b100;
    expect(() => decodeStream(zeros, 40)).toThrow(/does not have/);
  });

  test('with flipped bits decodes to something of the right length or throws a FormatError', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const broken = bytes.slice();
        broken[at] = (broken[at] ?? 0) ^ flip;
        try {
          expect(decodeStream(broken, symbols.length).length).toBe(symbols.length);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});
