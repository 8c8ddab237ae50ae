import { entropyBits } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignBetween } from './assign.js';
import { type Cells, constrainEntropy } from './entropy-constrained.js';
import { clusterSamples } from './kmeans.js';
import { SortedSamples } from './sorted-samples.js';

interface Outcome {
  readonly cells: Cells;
  readonly indices: Uint8Array;
  readonly error: number;
  readonly bits: number;
}

function outcome(values: Float32Array, cells: Cells): Outcome {
  const indices = new Uint8Array(values.length);
  assignBetween(values, cells.borders, indices);
  const error = values.reduce(
    (sum, value, i) => sum + (value - (cells.centroids[indices[i] ?? 0] ?? NaN)) ** 2,
    0,
  );
  return { cells, indices, error, bits: entropyBits(indices) };
}

function both(values: Float32Array, bits: number, entropy: number): { plain: Outcome; constrained: Outcome } {
  const samples = new SortedSamples(values);
  const holdZero = values.includes(0);
  const centroids = clusterSamples(samples, { k: 2 ** bits, init: 'linear', random: () => 0, holdZero });
  const held = holdZero ? centroids.indexOf(0) : -1;
  const borders = Float64Array.from(centroids, (c, i) => (c + (centroids[i + 1] ?? NaN)) / 2);
  return {
    plain: outcome(values, { centroids, borders }),
    constrained: outcome(values, constrainEntropy(samples, centroids, { entropy, held })),
  };
}

const number = fc.oneof(
  fc.float({ noNaN: true, min: -4, max: 4 }),
  fc.constantFrom(0, -0, 0.5, 0.5, 1e-45, -1e-45),
);
const lists = fc.array(number, { minLength: 1, maxLength: 300 }).map((list) => Float32Array.from(list));
const entropies = fc.constantFrom(0.1, 1, 3, 30, 1e6);

describe('entropy-constrained cells', () => {
  test('leave zeros zero and no centroid without a value', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 8 }), entropies, (values, bits, entropy) => {
        const { cells, indices } = both(values, bits, entropy).constrained;
        expect(cells.centroids.length).toBeLessThanOrEqual(2 ** bits);
        expect([...new Set(indices)].sort((a, b) => a - b)).toEqual([...cells.centroids.keys()]);
        for (let i = 1; i < cells.centroids.length; i++)
          expect(cells.centroids[i]).toBeGreaterThan(cells.centroids[i - 1] ?? NaN);
        for (const [i, value] of values.entries()) {
          if (value === 0) expect(Object.is(cells.centroids[indices[i] ?? -1], 0)).toBe(true);
        }
      }),
    );
  });

  test('cost no more than those of k-means, errors and bits added up', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 6 }), entropies, (values, bits, entropy) => {
        const { plain, constrained } = both(values, bits, entropy);
        const lambda = (entropy * 2 * Math.LN2 * plain.error) / values.length;
        const cost = ({ error, bits: length }: Outcome): number => error + lambda * length;
        // Centroids are rounded to float32 in the end: by 2^-24 of them.
        expect(cost(constrained)).toBeLessThanOrEqual(cost(plain) * (1 + 1e-6) + values.length * 1e-12);
      }),
    );
  });

  test('send each value where error and bits cost least', () => {
    const values = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i) ** 3);
    const { plain, constrained } = both(values, 4, 1);
    const lambda = (2 * Math.LN2 * plain.error) / values.length;
    const { cells, indices } = constrained;
    const counts = new Float64Array(cells.centroids.length);
    for (const index of indices) counts[index]!++;
    for (const [i, value] of values.entries()) {
      const costs = Array.from(
        cells.centroids,
        (c, at) => (value - c) ** 2 - lambda * Math.log2((counts[at] ?? 0) / values.length),
      );
      expect(costs[indices[i] ?? 0]).toBeLessThan(Math.min(...costs) + 1e-5);
    }
  });

  test('of a Laplace density take fewer bits at the same error than k-means', () => {
    const values = Float32Array.from({ length: 20_000 }, (_, i) => {
      const u = (i + 0.5) / 20_000 - 0.5;
      return -Math.sign(u) * Math.log(1 - 2 * Math.abs(u));
    });
    const plain = both(values, 3, 1).plain;
    const constrained = both(values, 5, 12).constrained;
    expect(constrained.error).toBeLessThan(plain.error);
    expect(constrained.bits).toBeLessThan(plain.bits);
  });

  test('with many times the weight of bits leave one centroid', () => {
    const values = Float32Array.from({ length: 100 }, (_, i) => i + 1);
    expect(both(values, 2, 1e6).constrained.cells.centroids).toEqual(Float32Array.of(50.5));
  });
});
