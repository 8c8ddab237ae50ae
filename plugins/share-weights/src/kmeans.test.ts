import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignNearest } from './assign.js';
import { compressionRate } from './compression-rate.js';
import { initialCentroids } from './initial-centroids.js';
import { type ClusterOptions, cluster } from './kmeans.js';
import { SortedSamples } from './sorted-samples.js';

const inits = ['linear', 'density', 'random'] as const;
const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -8, max: 8 });
const values = fc.array(finite, { minLength: 1, maxLength: 80 }).map((list) => Float32Array.from(list));

function options(changes: Partial<ClusterOptions>): ClusterOptions {
  return { k: 4, init: 'linear', random: counter(), holdZero: false, ...changes };
}

/** A plain generator of numbers in [0, 1): the golden ratio's multiples. */
function counter(): () => number {
  let state = 0.5;
  return () => {
    state = (state + 0.6180339887498949) % 1;
    return state;
  };
}

/** Lloyd's algorithm as one would write it down. Null where a cluster loses all its members. */
function plainLloyd(samples: Float32Array, first: Float64Array): number[] | null {
  let centroids = [...first];
  for (let iteration = 0; iteration < 1000; iteration++) {
    const members = centroids.map((): number[] => []);
    for (const value of samples) {
      let nearest = 0;
      for (const [i, c] of centroids.entries()) {
        // Half-way goes to the lower one; the same sum decides it as in the fast version.
        if (i > 0 && value > ((centroids[i - 1] ?? 0) + c) / 2) nearest = i;
      }
      members[nearest]?.push(value);
    }
    if (members.some((list) => list.length === 0)) return null;
    const next = members.map((list) => list.reduce((sum, value) => sum + value, 0) / list.length);
    if (next.every((c, i) => Math.abs(c - (centroids[i] ?? 0)) < 1e-12)) return next;
    centroids = next;
  }
  return centroids;
}

describe('Deep Compression, figure 3', () => {
  const weights = Float32Array.of(
    ...[2.09, -0.98, 1.48, 0.09, 0.05, -0.14, -1.08, 2.12],
    ...[-0.91, 1.92, 0, -1.03, 1.87, 0, 1.53, 1.49],
  );
  const indices = [3, 0, 2, 1, 1, 1, 0, 3, 0, 3, 1, 0, 3, 1, 2, 2];

  test.each([false, true])('has these centroids and indices, holding zero: %s', (holdZero) => {
    const centroids = cluster(weights, options({ holdZero }));
    // Means of float32 inputs: an ulp of 2 is 2.4e-7.
    for (const [i, c] of [-1, 0, 1.5, 2].entries())
      expect(Math.abs((centroids[i] ?? NaN) - c)).toBeLessThan(3e-7);
    const out = new Uint8Array(16);
    assignNearest(weights, centroids, out);
    expect([...out]).toEqual(indices);
  });

  test.each([
    { weights: 16, bits: 32, clusters: 4, rate: 3.2 },
    { weights: 300000, bits: 32, clusters: 1, rate: 300000 },
  ])(
    '$weights weights in $clusters clusters are $rate times smaller',
    ({ weights: n, bits, clusters, rate }) => {
      expect(compressionRate(n, clusters, bits)).toBe(rate);
    },
  );
});

describe('initial centroids', () => {
  const samples = new SortedSamples(Float32Array.of(8, 0, 1, 2, 1, 2, 3, 4));

  test('linear ones are evenly spaced from least to largest', () => {
    expect([...initialCentroids(samples, 5, 'linear', counter())]).toEqual([0, 2, 4, 6, 8]);
  });

  test('density-based ones are evenly spaced in rank', () => {
    expect([...initialCentroids(samples, 4, 'density', counter())]).toEqual([1, 2, 3, 8]);
  });

  test('random ones are different places of the data, in order', () => {
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 1, max: 20 }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999999, noNaN: true })),
        (list, k, stream) => {
          const random = (): number => stream.next().value as number;
          const drawn = [...initialCentroids(new SortedSamples(list), k, 'random', random)];
          expect(drawn.length).toBe(Math.min(k, list.length));
          const left = [...list];
          for (const value of drawn) {
            expect(left.indexOf(value)).toBeGreaterThanOrEqual(0);
            left.splice(left.indexOf(value), 1);
          }
          expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
        },
      ),
    );
  });
});

describe('clusters', () => {
  test('are those of plain Lloyd wherever that keeps all its clusters', () => {
    let compared = 0;
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 6 }), fc.constantFrom(...inits), (list, k, init) => {
        const first = initialCentroids(new SortedSamples(list), k, init, counter());
        const plain = plainLloyd(list, first);
        if (plain === null || new Set(plain).size < first.length) return;
        compared++;
        const centroids = cluster(list, options({ k, init }));
        expect(centroids.length).toBe(plain.length);
        // Sums of 80 values up to 8 differ by rounding of float64 only; then comes float32.
        for (const [i, c] of plain.entries()) expect(Math.abs((centroids[i] ?? NaN) - c)).toBeLessThan(1e-6);
      }),
      { numRuns: 1000 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  test('are rising, at most k, and each has a member', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 40 }), fc.constantFrom(...inits), (list, k, init) => {
        const centroids = cluster(list, options({ k, init }));
        expect(centroids.length).toBeLessThanOrEqual(k);
        expect([...centroids]).toEqual([...new Set(centroids)].sort((a, b) => a - b));
        const out = new Uint8Array(list.length);
        assignNearest(list, centroids, out);
        expect(new Set(out).size).toBe(centroids.length);
      }),
    );
  });

  test('are the values themselves where there are no more than k of them', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(...inits), (list, init) => {
        const different = [...new Set(Float32Array.from(list, (value) => value + 0))].sort((a, b) => a - b);
        const centroids = cluster(list, options({ k: different.length + 3, init }));
        expect([...centroids]).toEqual(different);
      }),
    );
  });

  test('of empty regions move to where values are far from their centroid', () => {
    // Evenly spaced from 0 to 100, all centroids but the first and last start without members.
    const list = Float32Array.of(0, 1, 2, 3, 100);
    expect([...cluster(list, options({ k: 5 }))]).toEqual([0, 1, 2, 3, 100]);
  });

  test('keep one centroid at zero, and zeros with it, where zero is held', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 12 }), fc.constantFrom(...inits), (list, k, init) => {
        const withZeros = Float32Array.of(...list, 0, -0, 0);
        const centroids = cluster(withZeros, options({ k, init, holdZero: true }));
        const zero = centroids.indexOf(0);
        expect(zero).toBeGreaterThanOrEqual(0);
        expect(Object.is(centroids[zero], 0)).toBe(true);
        const out = new Uint8Array(withZeros.length);
        assignNearest(withZeros, centroids, out);
        expect([...out.slice(-3)]).toEqual([zero, zero, zero]);
      }),
    );
  });

  test('of no values are none', () => {
    expect(cluster(new Float32Array(0), options({})).length).toBe(0);
  });
});
