import { expect, test } from 'vitest';
import { PERMUTE_BYTES, permuteWords } from './permute.js';

test('axes that stay together are one: a permutation of eight axes may be a matrix', () => {
  const words = permuteWords([2, 3, 1, 5, 7, 1, 2, 2], [4, 5, 6, 7, 0, 1, 2, 3], 4);
  expect([...(words ?? [])].slice(12)).toEqual([30, 28, 28 * 4, 30 * 4, 4]);
  expect(words?.byteLength).toBe(PERMUTE_BYTES);
});

test('seven axes that all part ways have no plan', () => {
  expect(permuteWords([2, 2, 2, 2, 2, 2, 2], [6, 5, 4, 3, 2, 1, 0], 4)).toBeNull();
});
