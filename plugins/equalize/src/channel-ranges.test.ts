import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalizingFactors } from './channel-ranges.js';

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
  { before: 0, behind: 3, factor: 1 },
  { before: 3, behind: 0, factor: 1 },
  { before: 1e-30, behind: 1, factor: 2 ** -10 },
  { before: 1e30, behind: 1, factor: 2 ** 10 },
])('a channel of ranges $before and $behind is scaled by $factor: the dead and the all but dead', (row) => {
  expect(equalizingFactors(Float64Array.of(row.before), Float64Array.of(row.behind))[0]).toBe(row.factor);
});
