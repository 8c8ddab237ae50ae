import { EspalierError, FormatError } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalCodes } from './canonical-code.js';
import { codeLengths } from './code-lengths.js';
import { readCodeTable, writeCodeTable } from './code-table.js';

const counts = fc.oneof(
  fc.array(fc.nat(100), { maxLength: 256 }),
  fc.array(fc.constantFrom(0, 0, 0, 1, 1e9), { maxLength: 256 }),
);

function lengthsOf(values: readonly number[]): Uint8Array {
  const padded = new Float64Array(256);
  padded.set(values);
  return codeLengths(padded);
}

describe('a code table', () => {
  test('reads back as written, and says how long it is', () => {
    fc.assert(
      fc.property(counts, fc.uint8Array({ maxLength: 3 }), (values, rest) => {
        const lengths = lengthsOf(values);
        const table = writeCodeTable(lengths);
        const back = readCodeTable(Uint8Array.of(...table, ...rest));
        expect(back).toEqual({ lengths, byteLength: table.length });
      }),
    );
  });

  test('of 32 shared weights under a Laplace density takes at most 16 bytes', () => {
    const laplace = Array.from(
      { length: 32 },
      (_, i) => Math.round(1e6 * Math.exp(-Math.abs(i - 15.5) / 3)) + 1,
    );
    expect(writeCodeTable(lengthsOf(laplace)).length).toBeLessThanOrEqual(16);
  });

  test('of any 32 symbols takes at most 28 bytes: 7 bits for each', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 32, maxLength: 32 }), (values) => {
        expect(writeCodeTable(lengthsOf(values)).length).toBeLessThanOrEqual(28);
      }),
    );
  });

  test('made by hand: lengths 1, 2, 2', () => {
    // 110 + 1 (4 bits, low first), 10 + sign 0, 0: 011 -> 1,1,0, 1,0,0,0, 1,0,0, 0.
    expect([...writeCodeTable(lengthsOf([2, 1, 1]))]).toEqual([0b10001011, 0b000]);
  });

  test.each([
    { fault: 'cut', bytes: [] },
    { fault: 'cut', bytes: [0b01] },
    // Length 1 and then length 7 twelve times is complete only after 2^6 of them; a run ends it.
    { fault: 'under-subscribed', bytes: [0b11110010, 0b10000000, 0b11111111, 0b1, 0b11111111] },
    // 110 and 1, 110 and 1 would be complete; 110 and 1, then 110 and 0 is a length of 0.
    { fault: 'of 0 bits', bytes: [0b10001011, 0b0000_0001] },
  ])('is refused when $fault', ({ bytes }) => {
    expect(() => readCodeTable(Uint8Array.from(bytes))).toThrow(FormatError);
  });

  test('of hostile bytes gives a complete code or a FormatError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          const { lengths } = readCodeTable(bytes);
          const used = lengths.filter((bits) => bits > 0);
          const space = used.reduce((sum, bits) => sum + 2 ** -bits, 0);
          expect(used.length === 0 || space === 1 || (used.length === 1 && space === 0.5)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(EspalierError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test('RFC 1951, section 3.2.2: lengths 3,3,3,3,3,2,4,4 give 010,011,100,101,110,00,1110,1111', () => {
  const codes = canonicalCodes(Uint8Array.of(3, 3, 3, 3, 3, 2, 4, 4));
  expect([...codes]).toEqual([0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111]);
});
