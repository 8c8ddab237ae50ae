import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstNotFinite, slicesOf, symmetricCodes, symmetricScales } from './symmetric.js';

describe('symmetric int8 weights', () => {
  test('come back within half a scale, and zeros as zeros', () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 12, maxLength: 12 }),
        fc.constantFrom(null, 0, 1),
        (list, axis) => {
          const values = Float32Array.from(list);
          const layout = slicesOf([3, 4], axis, 12);
          const scales = symmetricScales(values, layout);
          const codes = symmetricCodes(values, layout, scales);
          for (const [i, code] of codes.entries()) {
            const scale = scales[axis === null ? 0 : axis === 0 ? Math.floor(i / 4) : i % 4] ?? 0;
            // Half a scale, and the float32 rounding of scale and quotient at 127 scales.
            expect(Math.abs(code * scale - (values[i] ?? 0))).toBeLessThanOrEqual(
              scale * (0.5 + 127 * 2 ** -22),
            );
            expect(code).toBeGreaterThanOrEqual(-127);
            if (values[i] === 0) expect(code).toBe(0);
          }
        },
      ),
    );
  });

  test.each([
    { value: 0.5, code: 0 },
    { value: 1.5, code: 2 },
    { value: 2.5, code: 2 },
    { value: -2.5, code: -2 },
    { value: -3.5, code: -4 },
    { value: 200, code: 127 },
    { value: -200, code: -127 },
  ])('$value scales is code $code: half to even, saturated', ({ value, code }) => {
    const layout = slicesOf([1], null, 1);
    expect(symmetricCodes(Float32Array.of(value), layout, Float32Array.of(1))[0]).toBe(code);
  });

  test('each slice has the scale of its own largest magnitude, or the least that is allowed', () => {
    const values = Float32Array.of(1, -127, 0, 0, 254, 3);
    const scales = symmetricScales(values, slicesOf([3, 2], 0, 6), 127, Float32Array.of(2, 0.5, 0));
    expect(Array.from(scales)).toEqual([2, 0.5, 2]);
  });

  test('a slice of zeros has the scale 1', () => {
    expect(symmetricScales(new Float32Array(4), slicesOf([4], null, 4))).toEqual(Float32Array.of(1));
    expect(symmetricScales(new Float32Array(0), slicesOf([0], null, 0))).toEqual(Float32Array.of(1));
  });

  test('what is no finite number is found', () => {
    expect(firstNotFinite(Float32Array.of(0, -0, NaN))).toBe(2);
    expect(firstNotFinite(Float32Array.of(1, -Infinity))).toBe(1);
    expect(firstNotFinite(Float32Array.of(1, 2))).toBe(-1);
  });
});
