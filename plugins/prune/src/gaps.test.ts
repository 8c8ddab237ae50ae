import { gapsOf } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planGaps } from './gaps.js';

describe('the width of gap symbols', () => {
  test('is the one that takes the fewest bits', () => {
    const places = fc.uniqueArray(fc.nat(3000), { maxLength: 80 });
    fc.assert(
      fc.property(places, fc.nat(1000), (found, rest) => {
        const positions = Uint32Array.from(found).sort();
        const length = (positions.at(-1) ?? -1) + 1 + rest;
        const bitsAt = (bitWidth: number): number =>
          bitWidth * gapsOf(positions, length, 2 ** bitWidth - 1).length;
        const { bitWidth, skip } = planGaps(positions, length);
        expect(skip).toBe(2 ** bitWidth - 1);
        expect(bitsAt(bitWidth)).toBe(Math.min(...[1, 2, 3, 4, 5, 6, 7, 8].map(bitsAt)));
      }),
    );
  });

  test('is one bit where every weight is kept', () => {
    expect(
      planGaps(
        Uint32Array.from({ length: 100 }, (_, i) => i),
        100,
      ).bitWidth,
    ).toBe(1);
  });
});
