import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { densityAt, pruningStep } from './density-schedule.js';

const schedule = fc.record({
  epochs: fc.integer({ min: 1, max: 40 }),
  schedule: fc.constantFrom('once', 'iterative', 'gradual'),
  rounds: fc.integer({ min: 1, max: 50 }),
  ramp: fc.double({ min: 0, max: 1, noNaN: true }),
  surgery: fc.boolean(),
});

describe('pruning over the epochs', () => {
  test('only goes on, is done before the last epoch, and masks settle for good', () => {
    fc.assert(
      fc.property(schedule, (options) => {
        const steps = Array.from({ length: options.epochs }, (_, epoch) => pruningStep(epoch, options));
        for (const [i, { done, isSettled }] of steps.entries()) {
          expect(done).toBeGreaterThanOrEqual(steps[i - 1]?.done ?? Number.MIN_VALUE);
          if (done === 1) break;
          expect(isSettled).toBe(false);
        }
        const settled = steps.map(({ isSettled }) => isSettled);
        expect(settled.indexOf(true)).toBeGreaterThanOrEqual(0);
        expect(settled.slice(settled.indexOf(true))).not.toContain(false);
        expect(steps.at(-1)).toEqual({ done: 1, isSettled: true });
      }),
    );
  });

  test.each([
    { schedule: 'once', done: [1, 1, 1, 1, 1, 1] },
    { schedule: 'iterative', done: [1 / 3, 1 / 3, 2 / 3, 2 / 3, 1, 1] },
    { schedule: 'gradual', done: [1 / 4, 2 / 4, 3 / 4, 1, 1, 1] },
  ] as const)('$schedule', ({ schedule, done }) => {
    const options = { epochs: 6, schedule, rounds: 3, ramp: 0.5, surgery: false };
    expect(done.map((_, epoch) => pruningStep(epoch, options).done)).toEqual(done);
  });
});

test.each([
  { done: 0, density: 1 },
  // 0.1 + 0.9 / 8
  { done: 0.5, density: 0.2125 },
  { done: 1, density: 0.1 },
])('Zhu and Gupta, equation 1: at $done of the way to a tenth $density is kept', ({ done, density }) => {
  expect(densityAt(done, 0.1)).toBeCloseTo(density, 12);
});
