import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Lifetime, planArena } from './arena-plan.js';

const lifetimes: fc.Arbitrary<Lifetime[]> = fc.array(
  fc
    .record({ sizeBytes: fc.nat(500), first: fc.nat(20), length: fc.integer({ min: 1, max: 8 }) })
    .map(({ sizeBytes, first, length }) => ({ sizeBytes, first, last: first + length })),
  { maxLength: 40 },
);

/** The most bytes that are alive at one instruction: no plan needs less. */
function mostAlive(all: readonly Lifetime[]): number {
  const at = (i: number) => all.filter(({ first, last }) => first <= i && i < last);
  const sizes = Array.from({ length: 30 }, (_, i) =>
    at(i).reduce((sum, x) => sum + Math.ceil(x.sizeBytes / 16) * 16, 0),
  );
  return Math.max(0, ...sizes);
}

describe('an arena plan', () => {
  test('puts a chain of equal buffers into two places', () => {
    const chain = Array.from({ length: 10 }, (_, i) => ({ sizeBytes: 160, first: i, last: i + 2 }));
    expect(planArena(chain).sizeBytes).toBe(320);
  });

  test('puts a small buffer into the gap that fits it best', () => {
    const plan = planArena([
      { sizeBytes: 320, first: 0, last: 1 },
      { sizeBytes: 160, first: 0, last: 3 },
      { sizeBytes: 32, first: 1, last: 3 },
    ]);
    expect(plan.offsets).toEqual([0, 320, 0]);
    expect(plan.sizeBytes).toBe(480);
  });

  test('never lets two buffers that are alive together overlap, and aligns all of them', () => {
    fc.assert(
      fc.property(lifetimes, (all) => {
        const { offsets, sizeBytes } = planArena(all);
        for (const [i, a] of all.entries()) {
          const start = offsets[i] ?? -1;
          expect(start % 16).toBe(0);
          expect(start + a.sizeBytes).toBeLessThanOrEqual(sizeBytes);
          for (const [j, b] of all.entries()) {
            if (i === j || a.first >= b.last || b.first >= a.last) continue;
            const other = offsets[j] ?? -1;
            const apart = start + a.sizeBytes <= other || other + b.sizeBytes <= start;
            expect(apart || a.sizeBytes === 0 || b.sizeBytes === 0).toBe(true);
          }
        }
      }),
    );
  });

  test('needs at least what is alive at once, and at most twice that', () => {
    fc.assert(
      fc.property(lifetimes, (all) => {
        const least = mostAlive(all);
        const { sizeBytes } = planArena(all);
        expect(sizeBytes).toBeGreaterThanOrEqual(least);
        expect(sizeBytes).toBeLessThanOrEqual(2 * least);
      }),
    );
  });
});
