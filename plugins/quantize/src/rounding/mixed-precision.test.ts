import { totalBytes } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitWidths, bytesAtAverage, type OpenLayer, widthChoices } from './mixed-precision.js';

/** A dense layer, whose noise grows by four for each bit less. */
const layerOf = (name: string, size: number, noiseAt8: number): OpenLayer => ({
  name,
  candidates: bitWidths.map((bits) => ({
    bits,
    bytes: (size * bits) / 8,
    error: noiseAt8 * 4 ** (8 - bits),
  })),
});

describe('mixed precision', () => {
  test('gives fewer bits to what bears them', () => {
    const layers = [layerOf('tender', 100, 1e-3), layerOf('tough', 100, 1e-6)];
    const [tender, tough] = widthChoices(layers, 0).within(bytesAtAverage(layers, 6)) ?? [];
    expect(tender?.bits).toBeGreaterThan(tough?.bits ?? NaN);
    expect((tender?.bytes ?? NaN) + (tough?.bytes ?? NaN)).toBeLessThanOrEqual((200 * 6) / 8);
  });

  test('keeps to its budget wherever that can be, and no layer falls below the least SQNR', () => {
    const layer = fc.record({
      size: fc.integer({ min: 1, max: 10_000 }),
      noise: fc.double({ min: 1e-8, max: 1e-3, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 8 }),
        fc.double({ min: 2, max: 8, noNaN: true }),
        fc.constantFrom(0, 10, 25),
        (list, averageBits, leastDb) => {
          const layers = list.map(({ size, noise }, i) => layerOf(String(i), size, noise));
          const choices = widthChoices(layers, leastDb);
          const found = choices.within(bytesAtAverage(layers, averageBits));
          const budget = list.reduce((sum, { size }) => sum + (size * averageBits) / 8, 0);
          if (found === null) expect(totalBytes(choices.at(0))).toBeGreaterThan(budget - 1e-6);
          else expect(totalBytes(found)).toBeLessThanOrEqual(budget + 1e-6);
          for (const { bits, error } of found ?? choices.at(0))
            if (bits < 8) expect(-10 * Math.log10(error)).toBeGreaterThanOrEqual(leastDb - 1e-9);
        },
      ),
    );
  });

  test('of all the bits there are changes nothing', () => {
    const layers = [layerOf('a', 3, 1e-4)];
    expect(widthChoices(layers, 0).within(bytesAtAverage(layers, 8))?.[0]?.bits).toBe(8);
  });

  test('counts the codes that a sparse layer stores, not its zeros', () => {
    const gaps = 40;
    const [sparse] = [layerOf('a', 16, 1e-4)].map(({ name, candidates }) => ({
      name,
      candidates: candidates.map((each) => ({
        ...each,
        bytes: each.bytes + gaps,
      })),
    }));
    expect(bytesAtAverage(sparse === undefined ? [] : [sparse], 4)).toBe(gaps + 8);
  });
});
