import { createRandom } from '@espalier/core';
import { checkPlugin } from '@espalier/plugin-kit';
import { describe, expect, test } from 'vitest';
import { clippingDeviations } from '../src/clipping.js';
import { myIdea, myIdeaCalibrator } from '../src/index.js';
import { Moments } from '../src/moments.js';

// Every promise that a plugin makes: ranges are finite and within what was seen, values are not kept, …
checkPlugin(myIdea);

describe('the range', () => {
  test.each([
    { what: 'of a bell is cut at its deviations', spread: (x: number) => 2 * x + 1, min: -6.848, max: 8.848 },
    { what: 'of what is never negative begins at zero', spread: Math.abs, min: 0, max: 3.163 },
  ])('$what', ({ spread, min, max }) => {
    const random = createRandom('activations');
    const observer = myIdeaCalibrator.observe({ bitWidth: 8, percentile: 99.9 });
    for (let batch = 0; batch < 50; batch++) {
      const values = Float32Array.from({ length: 2000 }, () => spread(random.normal()));
      observer.see(values, { min: Math.min(...values), max: Math.max(...values) });
    }
    // 100,000 samples: deviations are within a percent of the truth.
    expect(observer.range()?.min).toBeCloseTo(min, 1);
    expect(observer.range()?.max).toBeCloseTo(max, 1);
  });
});

describe('where to clip', () => {
  test.each([2, 3, 4, 5, 6, 7, 8])('costs least at %i bits: a little more or less costs more', (bits) => {
    const best = clippingDeviations(bits);
    for (const other of [best * 0.99, best * 1.01])
      expect(errorOf(best, bits)).toBeLessThan(errorOf(other, bits));
  });
});

/** Mean squared error of a standard normal value that is clipped at `reach` and rounded to 2^bits codes. */
function errorOf(reach: number, bits: number): number {
  const step = 1e-3;
  let clipped = 0;
  for (let x = reach; x < reach + 8; x += step)
    clipped += step * (x + step / 2 - reach) ** 2 * Math.exp(-((x + step / 2) ** 2) / 2);
  const rounded = reach ** 2 / (3 * 4 ** bits);
  return (2 * clipped) / Math.sqrt(2 * Math.PI) + rounded;
}

test('moments are those of all batches together', () => {
  const moments = new Moments();
  moments.add(Float32Array.of(1, 2));
  moments.add(Float32Array.of(6));
  expect(moments.mean).toBeCloseTo(3, 12);
  expect(moments.deviation).toBeCloseTo(Math.sqrt(14 / 3), 12);
});
