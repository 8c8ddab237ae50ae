import { describe, expect, test } from 'vitest';
import { MAX_LOG_ODDS, squash, stretch } from './logistic.js';

describe('log-odds and probabilities', () => {
  test('are those of the logistic function, to the unit at the entries of the table and to 6 between them', () => {
    for (let odds = -MAX_LOG_ODDS; odds <= MAX_LOG_ODDS; odds++) {
      const exact = 4096 / (1 + Math.exp(-odds / 256));
      // A chord of half a natural unit lies at most 4096 x 0.0962 / 8 x 0.25 = 12.3 below its arc.
      expect(Math.abs((squash[odds + 2048] ?? 0) - exact)).toBeLessThan(odds % 128 === 0 ? 1.01 : 13.3);
    }
  });

  test('never are a certainty, which would leave the other bit no room', () => {
    expect(Math.min(...squash.subarray(1))).toBe(1);
    expect(Math.max(...squash)).toBe(4095);
  });

  test('rise, and are the same upside down', () => {
    for (let odds = 1 - MAX_LOG_ODDS; odds <= MAX_LOG_ODDS; odds++) {
      const here = squash[odds + 2048] ?? 0;
      expect(here).toBeGreaterThanOrEqual(squash[odds + 2047] ?? 0);
      expect(here + (squash[2048 - odds] ?? 0)).toBe(4096);
    }
  });

  test('go back and forth', () => {
    for (let probability = 1; probability < 4096; probability++) {
      const odds = stretch[probability] ?? 0;
      expect(Math.abs(odds)).toBeLessThanOrEqual(MAX_LOG_ODDS);
      // Where the curve is steepest it passes over probabilities, 4 of them at most.
      expect(Math.abs((squash[odds + 2048] ?? 0) - probability)).toBeLessThanOrEqual(4);
    }
  });
});
