import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lampScores } from './lamp.js';

test('a score is the magnitude over the root of the squares that are not smaller', () => {
  const scores = lampScores(Float32Array.of(3, -4, 0, 12, 4));
  const expected = [3 / Math.sqrt(9 + 16 + 144 + 16), 4 / Math.sqrt(176), 0, 1, 4 / Math.sqrt(176)];
  for (const [i, score] of expected.entries()) expect(scores[i]).toBeCloseTo(score, 6);
});

test('scores do not depend on the scale, and rank a layer as magnitudes do', () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(values, (numbers) => {
      const scores = lampScores(Float32Array.from(numbers));
      expect(lampScores(Float32Array.from(numbers, (x) => x * 2 ** -60))).toEqual(scores);
      const largest = Math.max(...numbers.map(Math.abs));
      for (const [i, x] of numbers.entries()) {
        for (const [j, y] of numbers.entries())
          if (Math.abs(x) < Math.abs(y)) expect(scores[i]).toBeLessThan(scores[j] ?? 0);
        if (x !== 0 && Math.abs(x) === largest && numbers.filter((y) => Math.abs(y) === largest).length === 1)
          expect(scores[i]).toBe(1);
      }
    }),
  );
});

test('none of an empty layer', () => {
  expect(lampScores(new Float32Array(0))).toEqual(new Float32Array(0));
});
