import { describeEncoding, toFloat32 } from '@espalier/core';
import { prune } from '@espalier/plugin-prune';
import { shareWeights } from '@espalier/plugin-share-weights';
import { expect, test } from 'vitest';
import { loadMnist, slice } from '../mnist/mnist.js';
import { pass } from './chain.js';
import { layerCosts } from './layer-cost.js';
import { lenet300 } from './models.js';
import { largest, pruneAndRetrain, type TrainingRun } from './prune-and-retrain.js';
import { roundBiases, roundMantissa } from './round-biases.js';
import { trainCentroids } from './train-centroids.js';

const density = { 'fc1.weight': 0.01, 'fc2.weight': 0.05, 'fc3.weight': 0.5 };

async function smallRun(): Promise<TrainingRun> {
  const mnist = await loadMnist();
  const few = {
    ...mnist,
    train: slice(mnist.train, 'few', 0, 128),
    validation: slice(mnist.validation, 'few', 0, 64),
  };
  return { network: lenet300, mnist: few, seed: 5 };
}

test('the largest stay, the first of equals', () => {
  expect([...largest(Float32Array.of(1, -3, 2, -2, 0.5, 2), 3)]).toEqual([0, 1, 1, 1, 0, 0]);
  expect([...largest(Float32Array.of(0, 0), 1)]).toEqual([1, 0]);
});

test('pruned, shared and trained: as many weights as asked for, the same places and indices, other centroids', async () => {
  const run = await smallRun();
  const original = lenet300.build(1);
  const settings = { density, epochs: 2, ramp: 1, learningRate: 1e-3, shift: 1 };
  const pruned = await pass(prune({ density })).run(await pruneAndRetrain(original, settings, run), run);
  expect(layerCosts(pruned).map(({ kept }) => kept)).toEqual([2352, 1500, 500]);
  expect(layerCosts(original).every(({ kept, weights }) => kept === weights)).toBe(true);

  const shared = roundBiases(await pass(shareWeights({ bits: 2 })).run(pruned, run), 2);
  const trained = await trainCentroids(
    shared,
    { epochs: 1, learningRate: 1e-2, shift: 1, biases: false },
    run,
  );
  const [before, after] = [shared.weights(), trained.weights()];
  expect(after.map(({ encoding }) => describeEncoding(encoding))).toEqual(
    before.map(({ encoding }) => describeEncoding(encoding)),
  );
  for (const [i, weight] of after.entries()) {
    const [old, now] = [toFloat32(before[i]?.decode() ?? weight.decode()), toFloat32(weight.decode())];
    expect(now).not.toEqual(old);
    const values = new Map<number, number>();
    // Weights that shared a value share one, and zeros are zeros.
    for (const [at, value] of old.entries()) {
      if (value === 0 || values.has(value)) expect(now[at]).toBe(value === 0 ? 0 : values.get(value));
      else values.set(value, now[at] ?? 0);
    }
  }
  const bias = (model: typeof trained): Float32Array =>
    toFloat32(model.graph.value('fc1.bias')?.constant?.decode() ?? after[0]!.decode()); // fc1 has a bias
  expect(bias(trained)).toEqual(bias(shared));
});

test.each([
  [1, 2, 1],
  [1.124, 2, 1],
  [1.126, 2, 1.25],
  [-1.126, 2, -1.25],
  [1.9, 2, 2],
  [0, 2, 0],
  [0.1, 23, Math.fround(0.1)],
])('%f with %i bits of mantissa is %f', (value, bits, rounded) => {
  expect(roundMantissa(value, bits)).toBe(rounded);
});
