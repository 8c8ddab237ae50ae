import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adaptiveCodes, outputError } from './adaptive-rounding.js';

/** E[x x^T] of some samples. */
function secondOf(samples: readonly (readonly number[])[], length: number): Float64Array {
  const second = new Float64Array(length * length);
  for (const x of samples) {
    for (let i = 0; i < length; i++)
      for (let j = 0; j < length; j++)
        second[i * length + j] = (second[i * length + j] ?? 0) + ((x[i] ?? 0) * (x[j] ?? 0)) / samples.length;
  }
  return second;
}

/** What the solver minimizes: the error of the output, and a hundredth of the mean of the diagonal for each weight. */
function objective(
  weights: Float32Array,
  codes: ArrayLike<number>,
  scale: number,
  second: Float64Array,
): number {
  const { length } = weights;
  const error = Float64Array.from(weights, (weight, i) => weight - scale * (codes[i] ?? 0));
  let trace = 0;
  for (let i = 0; i < length; i++) trace += second[i * length + i] ?? 0;
  return outputError(error, second) + ((0.01 * trace) / length) * error.reduce((sum, e) => sum + e * e, 0);
}

const length = 6;
const number = fc.float({ min: -1, max: 1, noNaN: true });
const weightsOf = fc.array(number, { minLength: length, maxLength: length });
const samplesOf = fc.array(weightsOf, { minLength: 3, maxLength: 9 });

describe('adaptive rounding', () => {
  test('is never worse than the nearest codes, and no other single code is better', () => {
    fc.assert(
      fc.property(weightsOf, samplesOf, (list, samples) => {
        const weights = Float32Array.from(list);
        const scale = Math.fround(1 / 7);
        const second = secondOf(samples, length);
        const codes = adaptiveCodes({ weights, scales: Float32Array.of(scale), largest: 7 }, second);
        const found = objective(weights, codes, scale, second);
        const nearest = weights.map((weight) => Math.max(-7, Math.min(7, Math.round(weight / scale))));
        expect(found).toBeLessThanOrEqual(objective(weights, nearest, scale, second) + 1e-9);
        for (const [i, code] of codes.entries()) {
          if (weights[i] === 0) continue;
          for (const other of [code - 1, code + 1]) {
            if (Math.abs(other) > 7) continue;
            const changed = Array.from(codes, (c, j) => (j === i ? other : c));
            expect(found).toBeLessThanOrEqual(objective(weights, changed, scale, second) + 1e-9);
          }
        }
      }),
    );
  });

  test('takes the nearest codes where inputs have nothing to do with each other', () => {
    const weights = Float32Array.of(0.34, -0.51, 0.07, 0.9, -0.26, 0.66);
    const identity = Float64Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 : 0));
    const codes = adaptiveCodes({ weights, scales: Float32Array.of(0.1), largest: 7 }, identity);
    expect(Array.from(codes)).toEqual([3, -5, 1, 7, -3, 7]);
  });

  test('rounds two halves of one input apart', () => {
    // Both read the same number: 0.5 + 0.5 is 1, where nearest (half to even) has 0 + 0.
    const second = Float64Array.of(1, 1, 1, 1);
    const weights = Float32Array.of(0.5, 0.5);
    const codes = adaptiveCodes({ weights, scales: Float32Array.of(1), largest: 7 }, second);
    expect(Array.from(codes).sort()).toEqual([0, 1]);
  });

  test('keeps zeros, and needs no data to end', () => {
    fc.assert(
      fc.property(weightsOf, samplesOf, (list, samples) => {
        const weights = Float32Array.from(list, (w, i) => (i % 2 === 0 ? 0 : w));
        const row = { weights, scales: Float32Array.of(0.1), largest: 7 };
        for (const second of [secondOf(samples, length), new Float64Array(length * length)]) {
          const codes = adaptiveCodes(row, second);
          for (let i = 0; i < length; i += 2) expect(codes[i]).toBe(0);
        }
      }),
    );
  });
});
