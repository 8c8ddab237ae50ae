import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitWidths, mixedBits } from './mixed-precision.js';

/** Noise that grows by four for each bit less. */
const noiseFrom = (at8: number): readonly number[] => bitWidths.map((bits) => at8 * 4 ** (8 - bits));
const average = (
  layers: readonly { name: string; size: number }[],
  bits: ReadonlyMap<string, number>,
): number =>
  layers.reduce((sum, { name, size }) => sum + size * (bits.get(name) ?? NaN), 0) /
  layers.reduce((sum, { size }) => sum + size, 0);

describe('mixed precision', () => {
  test('gives fewer bits to what bears them', () => {
    const layers = [
      { name: 'tender', size: 100, noise: noiseFrom(1e-3) },
      { name: 'tough', size: 100, noise: noiseFrom(1e-6) },
    ];
    const bits = mixedBits(layers, { averageBits: 6, leastDb: 0 });
    expect(bits.get('tender')).toBeGreaterThan(bits.get('tough') ?? NaN);
    expect(average(layers, bits)).toBeLessThanOrEqual(6);
  });

  test('keeps to its budget wherever that can be, and no layer falls below the least SQNR', () => {
    const layer = fc.record({
      size: fc.integer({ min: 1, max: 10_000 }),
      noise: fc.double({ min: 1e-8, max: 1e-3, noNaN: true }).map(noiseFrom),
    });
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 8 }),
        fc.double({ min: 2, max: 8, noNaN: true }),
        fc.constantFrom(0, 10, 25),
        (list, averageBits, leastDb) => {
          const layers = list.map((each, i) => ({ ...each, name: String(i) }));
          const bits = mixedBits(layers, { averageBits, leastDb });
          for (const { name, noise } of layers) {
            const at = bitWidths.indexOf(bits.get(name) ?? NaN);
            expect(at).toBeGreaterThanOrEqual(0);
            if (at > 0) expect(-10 * Math.log10(noise[at] ?? NaN)).toBeGreaterThanOrEqual(leastDb - 1e-9);
          }
          const canGiveMore = layers.some(({ name, noise }) => {
            const next = noise[bitWidths.indexOf(bits.get(name) ?? NaN) + 1];
            return next !== undefined && -10 * Math.log10(next) > leastDb + 1e-9;
          });
          if (canGiveMore) expect(average(layers, bits)).toBeLessThanOrEqual(averageBits + 1e-9);
        },
      ),
    );
  });

  test('of all the bits there are changes nothing', () => {
    const layers = [{ name: 'a', size: 3, noise: noiseFrom(1e-4) }];
    expect(mixedBits(layers, { averageBits: 8, leastDb: 0 }).get('a')).toBe(8);
  });
});
