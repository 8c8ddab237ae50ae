import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sortedFloats } from './sort-floats.js';
import { SortedSamples } from './sorted-samples.js';

/** Repeats a few random numbers up to a length at which the radix sort is used. */
function long(some: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => (some[(i * 31) % some.length] ?? 0) * (1 + (i % 97)));
}

describe('sorting', () => {
  test.each([0, 1, 100, 4095, 4096, 5001])('%i floats agrees with the engine', (length) => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, minLength: 1, maxLength: 40 }), (some) => {
        const values = long(some, length);
        fc.pre(!values.some(Number.isNaN));
        const copy = values.slice();
        const sorted = sortedFloats(values);
        expect(Buffer.compare(bytes(sorted), bytes(copy.slice().sort()))).toBe(0);
        expect(Buffer.compare(bytes(values), bytes(copy))).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});

test('sums and counts of ranges agree with adding and counting', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 1100 }),
      fc.nat(),
      fc.nat(),
      (list, a, b) => {
        const samples = new SortedSamples(Float32Array.from(list));
        const sorted = [...list].sort((x, y) => x - y);
        const [start, end] = [a % (list.length + 1), b % (list.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        expect(samples.sum(start, end)).toBe(sorted.slice(start, end).reduce((sum, x) => sum + x, 0));
        expect(samples.countUpTo((a % 120) - 60.5)).toBe(sorted.filter((x) => x <= (a % 120) - 60.5).length);
      },
    ),
  );
});

function bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
