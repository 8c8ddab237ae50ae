import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choicesWithin, type MsOf } from './choose-forms.js';
import { allInt8, type Choice, errorOf, heldAs, type Network } from './network.js';

/** Layers one behind the other, each with a grid before it and one behind. */
function chain(errors: readonly number[]): Network {
  return {
    joints: [...errors, 0].map((error, i) => ({ name: `v${i}`, elements: 10, error, canBeWide: true })),
    layers: errors.map((error, i) => ({
      name: `v${i + 1}`,
      op: 'Conv',
      results: [`v${i + 1}`],
      joints: [i, i + 1],
      error,
      excludedAs: [`n${i}`],
      isInteger: true,
    })),
  };
}

/** A layer takes 1 ms in int8, 3 in int16 and 2 in float32, and each grid beside a float layer half a millisecond. */
function clockOf(network: Network): MsOf {
  return (choice: Choice) => {
    const held = heldAs(network, choice);
    return network.layers.reduce((ms, { joints }, layer) => {
      const around = joints.map((joint) => held[joint]);
      if (choice.real.has(layer)) return ms + 2 + around.filter((one) => one !== 'float32').length / 2;
      return ms + (around.includes('int16') ? 3 : 1);
    }, 0);
  };
}

describe('forms of layers', () => {
  test('a run of float layers is found where one of them alone would cost two steps between codes and reals', () => {
    const network = chain([1e-6, 1e-2, 1e-2, 1e-6]);
    // Two float layers side by side: 1 + 2.5 + 2.5 + 1.
    const line = choicesWithin(network, clockOf(network), 7);
    expect([...(line.at(-1)?.choice.real ?? [])].sort()).toEqual([1, 2]);
    // With less than that only one of them fits.
    const [only] = choicesWithin(network, clockOf(network), 6.2).at(-1)?.choice.real ?? [];
    expect([1, 2]).toContain(only);
  });

  test('a layer is not made wide where that costs more than float32 and keeps more noise', () => {
    const network = chain([1e-4, 1e-4]);
    for (const { choice } of choicesWithin(network, clockOf(network), 100)) expect(choice.wide.size).toBe(0);
  });

  test('one value is made wide where its grid is what does the harm, and float layers take too long', () => {
    const narrow = chain([0, 0, 0]);
    const joints = narrow.joints.map((joint, i) => ({ ...joint, error: i === 1 ? 1e-3 : 1e-9 }));
    const network = { ...narrow, joints };
    const slowInFloat: MsOf = (choice) => clockOf(network)(choice) + 10 * choice.real.size;
    const last = choicesWithin(network, slowInFloat, 8).at(-1);
    // The layer before it is over 16 bits already: what it reads may be so for nothing.
    expect([...(last?.choice.wide ?? [])].sort()).toEqual([0, 1]);
    expect(last?.choice.real.size).toBe(0);
  });

  test('where int8 is not the fastest, the fastest comes first', () => {
    const network = chain([1e-3, 1e-3]);
    const backwards: MsOf = (choice) => 10 - choice.real.size;
    expect(choicesWithin(network, backwards, 8.5)[0]?.choice.real.size).toBe(2);
    // Nothing is as fast: the fastest there is.
    expect(choicesWithin(network, backwards, 1).map(({ ms }) => ms)).toEqual([8]);
  });

  test('keeps to its limit wherever int8 does, and loses less with every step', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-9, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 }),
        fc.double({ min: 0.5, max: 4, noNaN: true }),
        (errors, perLayer) => {
          const network = chain(errors);
          const msOf = clockOf(network);
          const limit = perLayer * errors.length;
          const line = choicesWithin(network, msOf, limit);
          if (msOf(allInt8) <= limit) for (const { ms } of line) expect(ms).toBeLessThanOrEqual(limit);
          for (const [i, { error, choice }] of line.entries()) {
            expect(error).toBe(errorOf(network, choice));
            if (i > 0) expect(error).toBeLessThan(line[i - 1]?.error ?? 0);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('with time for all of it everything is computed in float32', () => {
    const network = chain([1e-3, 1e-5, 1e-4]);
    expect(choicesWithin(network, clockOf(network), 6).at(-1)?.error).toBe(0);
  });
});
