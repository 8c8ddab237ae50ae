import fc from 'fast-check';
import { expect, test } from 'vitest';
import { balancingFactors, equalizingFactors, leastFactors } from './equalizing-factors.js';

const range = fc.double({ min: 1e-2, max: 1e2, noNaN: true });

test('both sides have the same range in each channel, and their product stays', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(range, range), { minLength: 1 }), (pairs) => {
      const before = Float64Array.from(pairs, ([r]) => r);
      const behind = Float64Array.from(pairs, ([, r]) => r);
      for (const [c, factor] of equalizingFactors(before, behind).entries()) {
        const [r1, r2] = [(before[c] ?? 0) / factor, (behind[c] ?? 0) * factor];
        expect(r1 / r2).toBeCloseTo(1, 9);
        expect((r1 * r2) / ((before[c] ?? 0) * (behind[c] ?? 0))).toBeCloseTo(1, 9);
      }
    }),
  );
});

test.each([
  { before: [1, 1e-30], behind: [1, 1], factors: [1, 2 ** -8] },
  { before: [1, 1], behind: [0, 1], factors: [2 ** 8, 1] },
  { before: [0, 0], behind: [1, 1], factors: [1, 1] },
])('dead channels count as some share of the largest: $before and $behind are scaled by $factors', (row) => {
  const factors = equalizingFactors(Float64Array.from(row.before), Float64Array.from(row.behind));
  expect(Array.from(factors)).toEqual(row.factors);
});

test('divided by no less than the least factors, no value is larger than the largest was', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.double({ min: -1e3, max: 1e3, noNaN: true }), range)), (channels) => {
      const values = Float64Array.from(channels, ([value]) => value);
      const most = Math.max(0, ...values.map(Math.abs));
      for (const [c, least] of leastFactors(values).entries()) {
        const factor = Math.max(least, channels[c]?.[1] ?? 1);
        expect(Math.abs(values[c] ?? 0)).toBeLessThanOrEqual(most * factor * (1 + 1e-12));
      }
    }),
  );
});

test('where all is balanced no tensor gets a larger range, and each channel the same share on both sides', () => {
  const channel = fc.tuple(range, range, range, range);
  fc.assert(
    fc.property(fc.array(channel, { minLength: 1 }), (channels) => {
      const column = (at: number): Float64Array => Float64Array.from(channels, (values) => values[at] ?? 0);
      const [weights, biases, reach, behind] = [column(0), column(1), column(2), column(3)];
      const factors = balancingFactors([weights, biases, reach], behind);
      const most = (values: Float64Array): number => Math.max(...values);
      for (const values of [weights, biases, reach])
        expect(most(values.map((x, c) => x / (factors[c] ?? 0)))).toBeLessThanOrEqual(
          most(values) * (1 + 1e-12),
        );
      expect(most(behind.map((x, c) => x * (factors[c] ?? 0)))).toBeLessThanOrEqual(
        most(behind) * (1 + 1e-12),
      );
      for (const [c, factor] of factors.entries()) {
        const shares = [weights, biases, reach].map((values) => (values[c] ?? 0) / most(values));
        const [before, after] = [Math.max(...shares) / factor, ((behind[c] ?? 0) / most(behind)) * factor];
        expect(before / after).toBeCloseTo(1, 9);
      }
    }),
  );
});
