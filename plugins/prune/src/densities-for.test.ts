import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { densitiesFor, type LayerCurve } from './densities-for.js';

const curve = (name: string, count: number, costs: Readonly<Record<string, number>>): LayerCurve => ({
  name,
  count,
  points: Object.entries(costs).map(([density, cost]) => ({ density: Number(density), cost })),
});

describe('densities for a share of all weights', () => {
  test('weights go where they cost least', () => {
    const dear = curve('dear', 100, { 0.5: 10, 0.1: 40 });
    const cheap = curve('cheap', 100, { 0.5: 1, 0.1: 15 });
    // 50 weights of the cheap one at 0.02 each, then 50 of the dear one at 0.2, then the cheap one at 0.35.
    const at = (total: number): readonly number[] =>
      densitiesFor([dear, cheap], total).map((density) => Math.round(density * 1e9) / 1e9);
    expect(at(0.75)).toEqual([1, 0.5]);
    expect(at(0.6)).toEqual([0.7, 0.5]);
    expect(at(0.4)).toEqual([0.5, 0.3]);
    expect(at(1)).toEqual([1, 1]);
    expect(at(0)).toEqual([0.1, 0.1]);
  });

  test('a stretch that costs more than one beyond it is passed over', () => {
    const humped = curve('humped', 100, { 0.8: 8, 0.5: 2 });
    const other = curve('other', 100, { 0.8: 1, 0.5: 5 });
    // Down to 0.5 a weight of the first costs 0.04, less than those of the other.
    expect(densitiesFor([humped, other], 0.75)).toEqual([0.5, 1]);
  });

  test('together they come to the share, wherever the curves reach', () => {
    const layer = fc.record({
      name: fc.constant('w'),
      count: fc.integer({ min: 1, max: 5000 }),
      points: fc.array(
        fc.record({
          density: fc.constantFrom(0.8, 0.5, 0.2, 0.05),
          cost: fc.double({ min: 0, max: 9, noNaN: true }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    });
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (curves, total) => {
          const densities = densitiesFor(curves, total);
          const sum = (of: (i: number) => number): number =>
            curves.reduce((all, { count }, i) => all + count * of(i), 0);
          const all = sum(() => 1);
          const least = sum((i) => Math.min(...(curves[i]?.points ?? []).map(({ density }) => density)));
          expect(sum((i) => densities[i] ?? 0)).toBeCloseTo(Math.max(total * all, least), 6);
          for (const density of densities) expect(density).toBeGreaterThan(0);
        },
      ),
    );
  });
});
