import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countNonZero,
  cutAt,
  cutAtThreshold,
  indexOfNaN,
  keptPositions,
  standardDeviation,
} from './magnitude.js';

const weight = fc.oneof(
  fc.float({ noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, 0.5, -0.5, Math.fround(1e-45), Infinity, -Infinity),
);
const weights = fc.array(weight, { maxLength: 60 }).map((values) => Float32Array.from(values));

/** The rule said plainly: a full sort by magnitude, ties by lower index, zeros never listed. */
function keptBySorting(values: Float32Array, keep: number): number[] {
  const order = [...values.keys()].sort(
    (a, b) => Math.abs(values[b] ?? 0) - Math.abs(values[a] ?? 0) || a - b,
  );
  const kept = order.slice(0, keep).filter((i) => values[i] !== 0);
  return kept.sort((a, b) => a - b);
}

describe('a cut at a count', () => {
  test('keeps what a full sort would keep, equals in order of index', () => {
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (values, density) => {
        const keep = Math.round(density * values.length);
        const { positions } = keptPositions(values, cutAt([values], keep));
        expect([...positions]).toEqual(keptBySorting(values, keep));
      }),
      { numRuns: 500 },
    );
  });

  test('ranks several arrays as if they were one', () => {
    fc.assert(
      fc.property(weights, weights, fc.nat(120), (a, b, count) => {
        const keep = Math.min(count, a.length + b.length);
        const cut = cutAt([a, b], keep);
        const first = keptPositions(a, cut);
        const second = keptPositions(b, { bits: cut.bits, ties: cut.ties - first.ties });
        const joined = [...first.positions, ...Array.from(second.positions, (i) => i + a.length)];
        expect(joined).toEqual(keptBySorting(Float32Array.of(...a, ...b), keep));
      }),
      { numRuns: 500 },
    );
  });

  test('keeps as many of 1000 equal weights as asked for, the first ones', () => {
    const { positions } = keptPositions(
      new Float32Array(1000).fill(-2),
      cutAt([new Float32Array(1000).fill(-2)], 333),
    );
    expect(positions).toEqual(Uint32Array.from({ length: 333 }, (_, i) => i));
  });

  test('reads a view that starts inside its buffer', () => {
    const values = Float32Array.of(9, 9, 1, 3, 2).subarray(2);
    expect([...keptPositions(values, cutAt([values], 2)).positions]).toEqual([1, 2]);
  });
});

describe('a cut at a threshold', () => {
  test.each([
    { threshold: 0, kept: [0, 1, 3] },
    { threshold: 0.5, kept: [0, 1, 3] },
    { threshold: 0.5000001, kept: [1, 3] },
    { threshold: 2, kept: [3] },
    { threshold: 4, kept: [] },
  ])('of $threshold keeps magnitudes of at least that', ({ threshold, kept }) => {
    const values = Float32Array.of(0.5, -1, 0, 3);
    expect([...keptPositions(values, cutAtThreshold(threshold)).positions]).toEqual(kept);
  });

  test('is exact between two neighbouring floats', () => {
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 4, noNaN: true }), (values, threshold) => {
        const kept = [...keptPositions(values, cutAtThreshold(threshold)).positions];
        const wanted = [...values.keys()].filter(
          (i) => values[i] !== 0 && Math.abs(values[i] ?? 0) >= threshold,
        );
        expect(kept).toEqual(wanted);
      }),
    );
  });
});

test.each([
  { values: [2, 4, 4, 4, 5, 5, 7, 9], deviation: 2 },
  { values: [-1, 1], deviation: 1 },
  { values: [3], deviation: 0 },
  { values: [], deviation: 0 },
])('the standard deviation of $values is $deviation', ({ values, deviation }) => {
  expect(standardDeviation(Float32Array.from(values))).toBe(deviation);
});

test('the first NaN is found whatever its sign and payload', () => {
  const values = new Float32Array(5);
  new Uint32Array(values.buffer).set([0x7f800000, 0xff800000, 0x3f800000, 0xff800001, 0x7fc00000]);
  expect(indexOfNaN(values)).toBe(3);
  expect(indexOfNaN(values.subarray(0, 3))).toBe(-1);
});

test('zeros of both signs are not counted', () => {
  expect(countNonZero(Float32Array.of(0, -0, 1e-45, -2, Infinity))).toBe(3);
});
