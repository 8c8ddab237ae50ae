import fc from 'fast-check';
import { expect, test } from 'vitest';
import { log2 } from './log2.js';

test('is the logarithm of every count and share', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
      expect(Math.abs(log2(x) - Math.log2(x))).toBeLessThanOrEqual(1e-12 + 1e-14 * Math.abs(Math.log2(x)));
    }),
  );
});

test.each([1, 2, 4, 0.5, 2 ** 52, 2 ** -1022])('of %d is exact', (x) => {
  expect(log2(x)).toBe(Math.log2(x));
});
