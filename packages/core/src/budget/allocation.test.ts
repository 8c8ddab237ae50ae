import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, lowerHull, totalBytes, tradeoff } from './allocation.js';

const candidate = fc.record({
  bytes: fc.integer({ min: 1, max: 40 }),
  error: fc.integer({ min: 0, max: 100 }),
});
const layers = fc.array(fc.array(candidate, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });

const errorOf = (choice: readonly Candidate[]): number => choice.reduce((sum, { error }) => sum + error, 0);

/** Every choice there is. */
function allChoices([
  first,
  ...others
]: readonly (readonly Candidate[])[]): readonly (readonly Candidate[])[] {
  if (first === undefined) return [[]];
  const rest = allChoices(others);
  return first.flatMap((one) => rest.map((more) => [one, ...more]));
}

describe('the tradeoff', () => {
  test('at each step has the least error for its bytes', () => {
    fc.assert(
      fc.property(layers, (list) => {
        const { steps, at } = tradeoff(list);
        const all = allChoices(list);
        for (let step = 0; step <= steps; step++) {
          const choice = at(step);
          const rivals = all.filter((rival) => totalBytes(rival) <= totalBytes(choice));
          expect(errorOf(choice)).toBe(Math.min(...rivals.map(errorOf)));
        }
      }),
    );
  });

  test('within a number of bytes stays within, and is null where nothing fits', () => {
    fc.assert(
      fc.property(layers, fc.integer({ min: 1, max: 200 }), (list, bytes) => {
        const { steps, at, within } = tradeoff(list);
        const found = within(bytes);
        expect(found === null).toBe(totalBytes(at(0)) > bytes);
        if (found === null) return;
        expect(totalBytes(found)).toBeLessThanOrEqual(bytes);
        for (let step = 0; step <= steps; step++)
          if (totalBytes(at(step)) <= bytes) expect(errorOf(found)).toBeLessThanOrEqual(errorOf(at(step)));
      }),
    );
  });
});

test('the lower hull drops what two others beat', () => {
  const points = [
    [1, 10],
    [2, 9],
    [3, 2],
    [3, 3],
    [4, 2],
    [5, 0],
  ].map(([bytes = 0, error = 0]) => ({ bytes, error }));
  expect(lowerHull(points).map(({ bytes }) => bytes)).toEqual([1, 3, 5]);
});
