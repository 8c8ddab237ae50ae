import type { RunTimes } from '@espalier/core';
import { expect, test } from 'vitest';
import { FormTimes } from './form-times.js';
import { allInt8, type Network } from './network.js';

const layer = { op: 'Conv', error: 1e-3, isInteger: true };
const network: Network = {
  joints: ['x', 'a', 'b'].map((name) => ({ name, elements: 100, error: 1e-3, canBeWide: true })),
  layers: [
    { ...layer, name: 'a', results: ['conv', 'a'], joints: [0, 1], excludedAs: ['first'] },
    { ...layer, name: 'b', results: ['b'], joints: [1, 2], excludedAs: ['second'] },
  ],
};

const times = (a: number, b: number): RunTimes => ({
  // A tenth for inputs and outputs.
  ms: a + b + 0.1,
  steps: new Map([
    ['a', a],
    ['b', b],
  ]),
});

// 200 values around each layer, and 4 ms more between grids: 0.01 ms for each.
const extremes = {
  int8: times(1, 2),
  int16: times(5, 6),
  float32: times(3, 4),
  gridded: times(5, 6),
};

test('what was timed is known, and mixtures of it are estimated', () => {
  const known = new FormTimes(network, extremes);
  expect(known.of(allInt8)).toBeCloseTo(3.1, 12);
  expect(known.of({ wide: new Set([0, 1, 2]), real: new Set() })).toBeCloseTo(11.1, 12);
  expect(known.of({ wide: new Set(), real: new Set([0, 1]) })).toBeCloseTo(7.1, 12);
  // "a" in float32 writes to the grid of "a", which "b" reads: a step from reals to codes of 100 values.
  expect(known.of({ wide: new Set(), real: new Set([0]) })).toBeCloseTo(0.1 + 3 + 1 + 2, 12);
  // A wide value is made by one layer and read by the other.
  expect(known.of({ wide: new Set([1]), real: new Set() })).toBeCloseTo(11.1, 12);
});

test('a trial corrects the estimate of its combinations, and of no others', () => {
  const known = new FormTimes(network, extremes);
  const mixed = { wide: new Set<number>(), real: new Set([0]) };
  known.learn(mixed, {
    ms: 9,
    steps: new Map([
      ['conv', 1],
      ['a', 4],
      ['b', 2.5],
    ]),
  });
  // The convolution and the Relu behind it may be steps of their own.
  expect(known.ofLayer(0, mixed)).toBe(5);
  expect(known.of(mixed)).toBeCloseTo(0.1 + 5 + 2.5, 12);
  // "b" between two grids of 8 bits is what it was in that trial too.
  expect(known.of(allInt8)).toBeCloseTo(0.1 + 1 + 2.5, 12);
  expect(known.of({ wide: new Set(), real: new Set([1]) })).toBeCloseTo(0.1 + 1 + 5, 12);
});
