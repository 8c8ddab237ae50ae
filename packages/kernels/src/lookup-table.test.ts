import { expect, test } from 'vitest';
import { lookupTable } from './lookup-table.js';

test('the identity with equal parameters is the identity', () => {
  const params = { scale: 0.25, zeroPoint: 3 };
  expect([...lookupTable((x) => x, params, params)]).toEqual(Array.from({ length: 256 }, (_, i) => i - 128));
});

test.each([
  { q: 1, expected: 0 },
  { q: 3, expected: 2 },
  { q: -1, expected: -0 },
  { q: -3, expected: -2 },
])('half of $q is rounded to even: $expected', ({ q, expected }) => {
  const table = lookupTable((x) => x, { scale: 0.5, zeroPoint: 0 }, { scale: 1, zeroPoint: 0 });
  expect(table[q + 128]).toBe(expected + 0);
});

test('infinities saturate and NaN gives -128', () => {
  const params = { scale: 1, zeroPoint: 0 };
  const table = lookupTable((x) => (x === 0 ? Number.NaN : x / 0), params, params);
  expect([table[128], table[129], table[127]]).toEqual([-128, 127, -128]);
});
