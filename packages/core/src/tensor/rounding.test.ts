import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clamp, roundHalfAway, roundHalfEven } from './rounding.js';

// IEEE 754-2019, section 4.3.1, and C11 7.12.9.6 (round): where the two rules and Math.round part.
test.each([
  { x: 0.5, even: 0, away: 1 },
  { x: 1.5, even: 2, away: 2 },
  { x: 2.5, even: 2, away: 3 },
  { x: 3.5, even: 4, away: 4 },
  { x: -1.5, even: -2, away: -2 },
  { x: -2.5, even: -2, away: -3 },
  { x: 0.49999999999999994, even: 0, away: 0 },
  { x: -2.4999999999999996, even: -2, away: -2 },
  { x: 2.5000000000000004, even: 3, away: 3 },
  { x: 2251799813685247.5, even: 2251799813685248, away: 2251799813685248 },
  { x: 2251799813685248.5, even: 2251799813685248, away: 2251799813685249 },
  { x: 2 ** 53, even: 2 ** 53, away: 2 ** 53 },
  { x: -127.5, even: -128, away: -128 },
  { x: 126.5, even: 126, away: 127 },
  { x: Infinity, even: Infinity, away: Infinity },
  { x: -Infinity, even: -Infinity, away: -Infinity },
  { x: Number.NaN, even: Number.NaN, away: Number.NaN },
])('$x rounds to $even half to even, to $away half away from zero', ({ x, even, away }) => {
  expect(roundHalfEven(x)).toBe(even);
  expect(roundHalfAway(x)).toBe(away);
});

describe('both roundings', () => {
  test('give an integer that is at most a half away, and are odd functions', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        for (const round of [roundHalfEven, roundHalfAway]) {
          expect(Number.isInteger(round(x))).toBe(true);
          expect(Math.abs(round(x) - x)).toBeLessThanOrEqual(0.5);
          expect(round(-x) + round(x)).toBe(0);
        }
      }),
    );
  });
});

test('clamp keeps to its ends', () => {
  expect([-200, -128, 0, 127, 128].map((x) => clamp(x, -128, 127))).toEqual([-128, -128, 0, 127, 127]);
});
