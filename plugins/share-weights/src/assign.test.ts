import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignNearest } from './assign.js';

function plainAssign(values: Float32Array, centroids: Float32Array): Uint8Array {
  return Uint8Array.from(values, (value) => {
    let index = 0;
    while (
      index + 1 < centroids.length &&
      value > ((centroids[index] ?? 0) + (centroids[index + 1] ?? 0)) / 2
    )
      index++;
    return index;
  });
}

function assign(values: Float32Array, centroids: Float32Array): Uint8Array {
  const out = new Uint8Array(values.length);
  assignNearest(values, centroids, out);
  return out;
}

const centroids = fc
  .uniqueArray(fc.float({ noNaN: true, noDefaultInfinity: true }), {
    minLength: 1,
    maxLength: 256,
    comparator: (a, b) => a === b,
  })
  .map((list) => Float32Array.from(list).sort());
const special = [0, -0, Infinity, -Infinity, 1e-45, -1e-45, 3.4028234663852886e38, -3.4028234663852886e38];

describe('each value goes to its nearest centroid', () => {
  test('in short arrays', () => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, maxLength: 50 }), centroids, (values, book) => {
        expect(assign(values, book)).toEqual(plainAssign(values, book));
      }),
    );
  });

  test('in long arrays, where a table of high bits is used', () => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, minLength: 1, maxLength: 50 }), centroids, (some, book) => {
        const pool = Float32Array.of(
          ...some,
          ...special,
          ...book,
          ...book.map((c) => (c + (book[0] ?? 0)) / 2),
        );
        const values = Float32Array.from({ length: 70_000 }, (_, i) => pool[i % pool.length] ?? 0);
        expect(Buffer.compare(assign(values, book), plainAssign(values, book))).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  test('half-way to the lower one', () => {
    expect([...assign(Float32Array.of(-1, 0.5, 2, 3), Float32Array.of(-2, 0, 1, 3))]).toEqual([0, 1, 2, 3]);
  });
});
