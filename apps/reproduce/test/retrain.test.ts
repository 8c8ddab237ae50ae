import { writeEspalier } from '@espalier/container';
import { type Model, type Recipe, readModel } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { beforeAll, describe, expect, test } from 'vitest';
import { readBaseline } from '../src/lenet/baselines.js';
import { errorPercent } from '../src/lenet/evaluate.js';
import { lenet300 } from '../src/lenet/models.js';
import { DigitDataset } from '../src/mnist/digit-dataset.js';
import { loadMnist, type Mnist, slice } from '../src/mnist/mnist.js';

let mnist: Mnist;
let baseline: Model;
const compressor = createCompressor();

beforeAll(async () => {
  mnist = await loadMnist();
  baseline = (await readBaseline(lenet300)).model;
});

/** Runs steps with some thousand images to train on; judges on the validation images, which are others. */
async function errorOf(
  model: Model,
  steps: Recipe['steps'],
): Promise<{ readonly model: Model; readonly error: number }> {
  const train = new DigitDataset(slice(mnist.train, 'some digits', 0, 4000), lenet300.input);
  const options = { data: { train }, seed: 1, driftSamples: 0, reportWeights: false };
  const result = await compressor.run(model, { steps }, options);
  const error = await errorPercent(
    result.model,
    new DigitDataset(slice(mnist.validation, 'others', 0, 2000), lenet300.input),
  );
  return { model: result.model, error };
}

describe('LeNet-300-100 on MNIST', () => {
  test('retraining restores what pruning alone loses, and trained centroids beat k-means alone', async () => {
    const density = { 'fc1.weight': 0.04, 'fc2.weight': 0.1, 'fc3.weight': 0.5 };
    const dense = (await errorOf(baseline, ['fuse'])).error;
    const alone = await errorOf(baseline, [{ pass: 'prune', options: { density } }]);
    const retrained = await errorOf(baseline, [
      { pass: 'prune', options: { density, retrain: { epochs: 4 } } },
    ]);
    // Pruning alone costs more than ten points; most of them come back with a fourteenth of the images.
    expect(alone.error).toBeGreaterThan(dense + 10);
    expect(retrained.error - dense).toBeLessThan((alone.error - dense) / 3);
    const shared = await errorOf(retrained.model, [{ pass: 'share-weights', options: { bits: 1 } }]);
    const finetuned = await errorOf(retrained.model, [
      { pass: 'share-weights', options: { bits: 1, finetune: { epochs: 2 } } },
    ]);
    expect(finetuned.error).toBeLessThan(shared.error);
  });

  test('the whole chain keeps what each pass promises, and gives the same bytes for the same seed', async () => {
    const steps: Recipe['steps'] = [
      'fuse',
      'fold-batch-norm',
      { pass: 'prune', options: { density: 0.1, retrain: { epochs: 1, surgery: true } } },
      { pass: 'share-weights', options: { bits: 3, finetune: { epochs: 1 } } },
      'range-coder',
    ];
    const [first, second] = [await errorOf(baseline, steps), await errorOf(baseline, steps)];
    const bytes = writeEspalier(first.model);
    expect(Buffer.compare(bytes, writeEspalier(second.model))).toBe(0);
    const written = await readModel(compressor.container, bytes);
    for (const { name, decode, encoding } of written.weights()) {
      const values = decode().data as Float32Array; // the network is of float32
      expect(values.filter((value) => value !== 0).length, name).toBeLessThanOrEqual(
        Math.round(0.1 * encoding.dims.reduce((a, b) => a * b, 1)),
      );
      expect(new Set(values).size, name).toBeLessThanOrEqual(1 + 2 ** 3);
    }
  });
});
