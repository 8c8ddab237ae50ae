import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activationGrid } from './activation-grid.js';
import { Histogram } from './histogram.js';
import { MinMaxObserver, PercentileObserver } from './observer.js';

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
const batches = fc.array(fc.array(finite, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 6 });

describe('ranges of activations', () => {
  test('min-max is that of all batches', () => {
    fc.assert(
      fc.property(batches, (lists) => {
        const observer = new MinMaxObserver();
        for (const list of lists) observer.see(Float32Array.from(list));
        const all = lists.flat();
        expect(observer.range()).toEqual({ min: Math.min(...all) + 0, max: Math.max(...all) + 0 });
      }),
    );
    expect(new MinMaxObserver().range()).toBe(null);
    expect(new PercentileObserver(99).range()).toBe(null);
  });

  test('a percentile cuts off at most the share it is told to, and is never wider than min-max', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 51, max: 100 }), (lists, percentile) => {
        const [observer, all] = [new PercentileObserver(percentile), new MinMaxObserver()];
        for (const list of lists) {
          observer.see(Float32Array.from(list));
          all.see(Float32Array.from(list));
        }
        const { min, max } = observer.range() ?? { min: NaN, max: NaN };
        const values = lists.flat();
        const allowed = ((100 - percentile) / 100) * values.length + 1e-9;
        expect(values.filter((value) => value > max).length).toBeLessThanOrEqual(allowed);
        expect(values.filter((value) => value < min).length).toBeLessThanOrEqual(allowed + 1);
        expect(min).toBeGreaterThanOrEqual(all.range()?.min ?? NaN);
        expect(max).toBeLessThanOrEqual(all.range()?.max ?? NaN);
      }),
    );
  });

  test('a histogram is off by a bin at most, at any scale and in any order', () => {
    const values = Float32Array.from({ length: 10_000 }, (_, i) => ((i * 7919) % 10_000) / 100 - 20);
    const histogram = new Histogram();
    for (let i = 0; i < values.length; i += 100) histogram.add(values.subarray(i, i + 100));
    expect(histogram.count).toBe(10_000);
    for (const share of [0.001, 0.1, 0.5, 0.9, 0.999]) {
      const exact = share * 100 - 20;
      expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(histogram.binWidth + 0.01);
    }
  });
});

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
