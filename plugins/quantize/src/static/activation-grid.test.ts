import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activationGrid } from './activation-grid.js';

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
describe('the grid of an activation', () => {
  test('has a code for zero, and every value of the range within half a scale', () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const [min, max] = [Math.min(a, b, 0), Math.max(a, b, 0)];
        const { scale, zeroPoint } = activationGrid({ min: Math.min(a, b), max: Math.max(a, b) });
        const [s, z] = [scale[0] ?? 0, zeroPoint[0] ?? 0];
        if (max - min < 1e-30) return;
        expect(z).toBeGreaterThanOrEqual(-128);
        expect(z).toBeLessThanOrEqual(127);
        // Rounding the zero point moves both ends by half a scale at most.
        expect(s * (-128 - z)).toBeLessThanOrEqual(min + s * 0.501);
        expect(s * (127 - z)).toBeGreaterThanOrEqual(max - s * 0.501);
      }),
    );
  });

  test.each([
    { min: 0, max: 255, scale: 1, zero: -128 },
    { min: -255, max: 0, scale: 1, zero: 127 },
    { min: -128, max: 127, scale: 1, zero: 0 },
    { min: 5, max: 255, scale: 1, zero: -128 },
    { min: 0, max: 0, scale: 1 / 128, zero: 0 },
  ])('of [$min, $max] is scale $scale, zero point $zero', ({ min, max, scale, zero }) => {
    const grid = activationGrid({ min, max });
    expect(grid.scale[0]).toBe(scale);
    expect(grid.zeroPoint[0]).toBe(zero);
  });
});
