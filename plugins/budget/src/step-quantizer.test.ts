import { toFloat32 } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { levelEncoding } from './level-encoding.js';
import { MOST_LEVELS, toLevels } from './step-quantizer.js';

const values = fc
  .array(fc.oneof(fc.float({ noNaN: true, min: -4, max: 4 }), fc.constantFrom(0, -0, 1, 1e-45)), {
    minLength: 1,
    maxLength: 200,
  })
  .map((list) => Float32Array.from(list));
/** Levels from half a step to all there are. */
const cases = fc
  .tuple(values, fc.double({ min: 0.5, max: MOST_LEVELS, noNaN: true }))
  .map(([list, levels]) => {
    const largest = Math.max(...list.map(Math.abs));
    return { list, step: largest === 0 ? 1 : largest / levels };
  });

describe('steps', () => {
  test('keep each weight within a step, its sign, and zeros zero', () => {
    fc.assert(
      fc.property(cases, ({ list, step }) => {
        const { levels, means } = toLevels(list, step);
        for (const [i, value] of list.entries()) {
          const mean = means[(levels[i] ?? NaN) + MOST_LEVELS] ?? NaN;
          expect(Math.abs(mean - value)).toBeLessThanOrEqual(step * (1 + 1e-6));
          if (value === 0) expect(Object.is(mean, 0)).toBe(true);
          if (mean !== 0) expect(Math.sign(mean)).toBe(Math.sign(value));
        }
      }),
    );
  });

  test('by hand: what is below 0.6 steps is zero, the rest the mean of its level', () => {
    const { levels, means } = toLevels(Float32Array.of(-0.59, 0.61, 1.59, 1.61, -3), 1);
    expect([...levels]).toEqual([0, 1, 1, 2, -3]);
    expect(means[MOST_LEVELS + 1]).toBeCloseTo(1.1, 6);
    expect(means[MOST_LEVELS]).toBe(0);
  });

  test('are encoded as they are, with zeros as gaps or without', () => {
    fc.assert(
      fc.property(cases, ({ list, step }) => {
        const quantized = toLevels(list, step);
        const encoding = levelEncoding(quantized, [list.length]);
        const expected = Float32Array.from(
          quantized.levels,
          (level) => quantized.means[level + MOST_LEVELS] ?? NaN,
        );
        expect(toFloat32(encoding.decode())).toEqual(expected);
      }),
    );
  });

  test('that leave few weights are sparse', () => {
    const list = Float32Array.from({ length: 2000 }, (_, i) => (i % 50 === 0 ? 1 + (i % 7) : 0.1));
    expect(levelEncoding(toLevels(list, 1), [2000]).kind).toBe('sparse');
    expect(
      levelEncoding(
        toLevels(
          list.map((x) => x + 1),
          1,
        ),
        [2000],
      ).kind,
    ).toBe('codebook');
  });
});
