import { sliceLayout } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Sharing, shareBySlice, shareTogether } from './codebooks.js';

const finite = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true, min: -4, max: 4 }),
  fc.constantFrom(0, -0, 0, 0.5),
);
const tensors = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }))
  .chain(([outer, slices, inner]) => {
    const length = outer * slices * inner;
    const list = fc.array(finite, { minLength: length, maxLength: length });
    return list.map((values) => ({ dims: [outer, slices, inner], values: Float32Array.from(values) }));
  });
const options = fc.record({
  bits: fc.integer({ min: 1, max: 8 }),
  init: fc.constantFrom('linear' as const, 'density' as const),
  random: fc.constant(() => 0),
  entropy: fc.constant(0),
});
/** Zeros stay zeros whatever a bit costs. */
const anyOptions = fc
  .tuple(options, fc.constantFrom(0, 1, 100))
  .map(([choice, entropy]) => ({ ...choice, entropy }));

/** What the indices stand for. */
function decoded({ centroids, count, indices }: Sharing, sliceOf: (i: number) => number): Float32Array {
  return Float32Array.from(indices, (index, i) => centroids[sliceOf(i) * count + index] ?? NaN);
}

describe('one codebook', () => {
  test('keeps zeros zero, and every weight has a nearest centroid', () => {
    fc.assert(
      fc.property(tensors, anyOptions, ({ values }, choice) => {
        const sharing = shareTogether(values, choice);
        expect(sharing.count).toBeLessThanOrEqual(2 ** choice.bits);
        const result = decoded(sharing, () => 0);
        for (const [i, value] of values.entries()) {
          if (value === 0) expect(Object.is(result[i], 0)).toBe(true);
          if (choice.entropy > 0) continue;
          const least = Math.min(...Array.from(sharing.centroids, (c) => Math.abs(c - value)));
          expect(Math.abs((result[i] ?? NaN) - value)).toBe(least);
        }
      }),
    );
  });
});

describe('a codebook for each slice', () => {
  test('keeps zeros zero under index 0, and shares within the slice only', () => {
    fc.assert(
      fc.property(tensors, anyOptions, ({ dims, values }, choice) => {
        const layout = sliceLayout(dims, 1);
        const sliceOf = (i: number): number => Math.floor(i / layout.inner) % layout.slices;
        const sharing = shareBySlice(values, layout, choice);
        expect(sharing.count).toBeLessThanOrEqual(2 ** choice.bits);
        expect(sharing.centroids.length).toBe(sharing.count * layout.slices);
        const result = decoded(sharing, sliceOf);
        for (const [i, value] of values.entries()) {
          if (values.includes(0)) expect(sharing.indices[i] === 0).toBe(value === 0);
          if (value === 0) expect(Object.is(result[i], 0)).toBe(true);
        }
        if (choice.entropy > 0) return;
        // As many values as there are: then each slice keeps them all.
        const bySlice = Array.from({ length: layout.slices }, (_, s) =>
          values.filter((_, i) => sliceOf(i) === s),
        );
        if (bySlice.every((slice) => new Set(slice).size < 2 ** choice.bits)) {
          expect(result).toEqual(values.map((value) => value + 0));
        }
      }),
    );
  });
});

test('no weights have a codebook too', () => {
  expect(
    shareTogether(new Float32Array(0), { bits: 3, init: 'linear', random: () => 0, entropy: 1 }).count,
  ).toBe(1);
});
