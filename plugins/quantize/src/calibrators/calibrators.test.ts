import type { Calibrator } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activationGrid } from '../static/activation-grid.js';
import { divergenceOf, entropy } from './entropy.js';
import { extremesOf } from './extremes.js';
import { Histogram } from './histogram.js';
import { meanSquaredError } from './mean-squared-error.js';
import { minMax } from './min-max.js';
import { movingAverage } from './moving-average.js';
import { naturalLogarithm } from './natural-logarithm.js';
import { percentile } from './percentile.js';
import { calibratorNamed, ownCalibrators } from './registered.js';

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
const batches = fc.array(fc.array(finite, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 6 });

/** The range that a calibrator gives for some batches. */
function rangeOf(
  calibrator: Calibrator,
  lists: readonly (readonly number[] | Float32Array)[],
  share = 99,
): { readonly min: number; readonly max: number } {
  const observer = calibrator.observe({ percentile: share, bitWidth: 8 });
  for (const list of lists) {
    const values = Float32Array.from(list);
    observer.see(values, extremesOf(values) ?? { min: NaN, max: NaN });
  }
  return observer.range() ?? { min: NaN, max: NaN };
}

/** Normal deviates, by sums of twelve uniform ones; and one value far out. */
function withOutlier(count: number, outlier: number): Float32Array {
  let state = 1;
  const uniform = (): number => {
    state = Math.imul(state, 1664525) + 1013904223;
    return (state >>> 0) / 2 ** 32;
  };
  const values = Float32Array.from({ length: count }, () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += uniform();
    return sum;
  });
  values[count >> 1] = outlier;
  return values;
}

/** Mean squared error of codes on the grid of a range. */
function errorOf(values: Float32Array, range: { readonly min: number; readonly max: number }): number {
  const grid = activationGrid(range);
  const [scale, zero] = [grid.scale[0] ?? NaN, grid.zeroPoint[0] ?? NaN];
  let error = 0;
  for (const value of values) {
    const code = Math.min(127, Math.max(-128, Math.round(value / scale) + zero));
    error += (value - scale * (code - zero)) ** 2;
  }
  return error / values.length;
}

describe('every calibrator', () => {
  test.each(ownCalibrators)('$name says nothing where it saw nothing', (calibrator) => {
    expect(calibrator.observe({ percentile: 99, bitWidth: 8 }).range()).toBe(null);
  });

  test.each(ownCalibrators)('$name is never wider than all that was seen', (calibrator) => {
    fc.assert(
      fc.property(batches, (lists) => {
        const { min, max } = rangeOf(calibrator, lists);
        const all = rangeOf(minMax, lists);
        expect(min).toBeGreaterThanOrEqual(all.min);
        expect(max).toBeLessThanOrEqual(all.max);
        expect(min).toBeLessThanOrEqual(max);
      }),
      { numRuns: 40 },
    );
  });

  test.each(ownCalibrators)('$name gives a constant its own value', (calibrator) => {
    for (const value of [0, 3.25, -7]) {
      expect(rangeOf(calibrator, [[value, value], [value]])).toEqual({ min: value, max: value });
    }
  });

  test('is found by name, and one that is not there is told with those that are', () => {
    expect(calibratorNamed(ownCalibrators, 'entropy')).toBe(entropy);
    expect(() => calibratorNamed(ownCalibrators, 'entropie')).toThrow(/Did you mean "entropy"/);
  });
});

describe('min-max', () => {
  test('is that of all batches', () => {
    fc.assert(
      fc.property(batches, (lists) => {
        const all = lists.flat();
        expect(rangeOf(minMax, lists)).toEqual({ min: Math.min(...all) + 0, max: Math.max(...all) + 0 });
      }),
    );
  });
});

describe('moving-average', () => {
  test('moves by a tenth of the way to the extremes of each batch', () => {
    const range = rangeOf(movingAverage, [
      [0, 10],
      [-10, 20],
      [0, 0],
    ]);
    expect(range.max).toBeCloseTo((10 + 0.1 * 10) * 0.9, 12);
    expect(range.min).toBeCloseTo(-1 * 0.9, 12);
  });
});

describe('percentile', () => {
  test('cuts off at most the share it is told to', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 51, max: 100 }), (lists, share) => {
        const { min, max } = rangeOf(percentile, lists, share);
        const values = lists.flat();
        const allowed = ((100 - share) / 100) * values.length + 1e-9;
        expect(values.filter((value) => value > max).length).toBeLessThanOrEqual(allowed);
        expect(values.filter((value) => value < min).length).toBeLessThanOrEqual(allowed + 1);
      }),
    );
  });
});

describe('calibrators that weigh rounding against cutting off', () => {
  const values = withOutlier(50_000, 400);

  test('entropy leaves a lone outlier out; mse weighs it by its square', () => {
    const { min, max } = rangeOf(entropy, [values]);
    expect(max).toBeLessThan(100);
    expect(max).toBeGreaterThan(2);
    expect(min).toBeLessThan(-2);
    // (400 - r)^2 once against r^2 / 12 / 255^2, 50,000 times: the best r is near 375.
    expect(rangeOf(meanSquaredError, [values]).max).toBeGreaterThan(300);
  });

  test('mse has a smaller error than all that was seen, and than a range a fifth wider or narrower', () => {
    // Without the outlier the error is that of the bulk: then the best range is inside it.
    const bulk = values.filter((value) => value < 100);
    const best = rangeOf(meanSquaredError, [bulk]);
    const error = errorOf(bulk, best);
    expect(error).toBeLessThanOrEqual(errorOf(bulk, rangeOf(minMax, [bulk])));
    for (const factor of [0.8, 1.2]) {
      expect(error).toBeLessThan(errorOf(bulk, { min: best.min * factor, max: best.max * factor }));
    }
  });

  test.each([entropy, meanSquaredError])(
    '$name keeps zero as the end of what has no negatives',
    (calibrator) => {
      const { min } = rangeOf(calibrator, [values.map((value) => Math.max(0, value))]);
      expect(min).toBe(0);
    },
  );

  test('the divergence of a histogram from itself is nothing, and grows with what is cut off', () => {
    const counts = Float64Array.from({ length: 64 }, (_, i) => 1 + ((i * 37) % 11));
    expect(divergenceOf(counts, 0, 64, 64)).toBeCloseTo(0, 12);
    expect(divergenceOf(counts, 8, 56, 48)).toBeGreaterThan(0.01);
    expect(divergenceOf(counts, 16, 48, 32)).toBeGreaterThan(divergenceOf(counts, 8, 56, 48));
  });

  test('the logarithm is that of Math, within its last bits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
        expect(Math.abs(naturalLogarithm(x) - Math.log(x))).toBeLessThanOrEqual(
          1e-14 * Math.max(1, Math.abs(Math.log(x))),
        );
      }),
    );
    expect(naturalLogarithm(1)).toBe(0);
  });
});

describe('a histogram', () => {
  test('keeps its counts and its size when it has to reach further', () => {
    const histogram = new Histogram(64);
    for (let reach = 1; reach < 1e6; reach *= 3) {
      histogram.add(Float32Array.of(-reach, 0, reach), { min: -reach, max: reach });
    }
    expect(histogram.counts.length).toBe(64);
    expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(histogram.count);
  });

  test('is off by a bin at most, at any scale and in any order', () => {
    const values = Float32Array.from({ length: 10_000 }, (_, i) => ((i * 7919) % 10_000) / 100 - 20);
    const histogram = new Histogram();
    for (let i = 0; i < values.length; i += 100) {
      const batch = values.subarray(i, i + 100);
      histogram.add(batch, extremesOf(batch) ?? { min: NaN, max: NaN });
    }
    expect(histogram.count).toBe(10_000);
    for (const share of [0.001, 0.1, 0.5, 0.9, 0.999]) {
      const exact = share * 100 - 20;
      expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(histogram.binWidth + 0.01);
    }
  });
});

describe('extremes', () => {
  test('are those that comparing numbers gives', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 9 }), (list) => {
        const values = Float32Array.from(list);
        const { min, max } = extremesOf(values) ?? { min: NaN, max: NaN };
        expect(min + 0).toBe(Math.min(...values) + 0);
        expect(max + 0).toBe(Math.max(...values) + 0);
      }),
    );
  });

  test.each([[NaN], [-NaN], [1, NaN], [NaN, 1, 2], [Infinity], [3, -Infinity, 4], [-Infinity, Infinity]])(
    'of what is not finite are none: %s, %s, %s',
    (...list) => {
      expect(extremesOf(Float32Array.from(list))).toBe(null);
    },
  );

  test('reach to the largest number there is', () => {
    const largest = 3.4028234663852886e38;
    expect(extremesOf(Float32Array.of(largest, -largest, 0))).toEqual({ min: -largest, max: largest });
    expect(extremesOf(Float32Array.of(-0, 0))).toEqual({ min: -0, max: 0 });
  });
});
