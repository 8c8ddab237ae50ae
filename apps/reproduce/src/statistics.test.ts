import { expect, test } from 'vitest';
import { meanAndSpread } from './statistics.js';

test('the spread is the sample standard deviation', () => {
  expect(meanAndSpread([1, 2, 3])).toEqual({ mean: 2, spread: 1 });
  expect(meanAndSpread([5])).toEqual({ mean: 5, spread: 0 });
});
