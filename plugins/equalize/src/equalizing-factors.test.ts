import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalizingFactors, leastFactors } from './equalizing-factors.js';

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
