import { createHash } from 'node:crypto';
import {
  AbortedError,
  DataError,
  Graph,
  Model,
  ModelError,
  memoryDataset,
  OptionsError,
  Tensor,
  TrainingError,
  UnsupportedError,
} from '@espalier/core';
import { describe, expect, test } from 'vitest';
import {
  adam,
  type FitOptions,
  randomShift,
  samples,
  sgd,
  softmaxCrossEntropy,
  Trainer,
  type TrainerOptions,
} from '../src/index.js';
import { Builder, seededSamples } from './gradient-check.js';
import { lenet5, lenet300 } from './lenet.js';
import { mnist } from './mnist.js';

const base: TrainerOptions = { loss: softmaxCrossEntropy(), optimizer: adam({ learningRate: 1e-3 }) };

/** Input 6, hidden 12, classes 4. */
function small(): { model: Model; data: ReturnType<typeof seededSamples> } {
  const b = new Builder();
  const hidden = b.apply({ op: 'MatMul', inputs: [b.input(['N', 6]), b.weight([6, 12], 'w1')] });
  const relu = b.apply({
    op: 'Relu',
    name: 'relu',
    inputs: [b.apply({ op: 'Add', inputs: [hidden, b.weight([12], 'b1')] })],
  });
  const model = b.model(b.apply({ op: 'MatMul', name: 'last', inputs: [relu, b.weight([12, 4], 'w2')] }));
  return { model, data: seededSamples(model, 150, 4) };
}

function hash(trainer: Trainer): string {
  const digest = createHash('sha256');
  for (const name of trainer.weightNames) digest.update(trainer.weight(name));
  return digest.digest('hex');
}

async function trained(
  model: Model,
  data: Parameters<Trainer['fit']>[0],
  options: Partial<TrainerOptions>,
  fit: Partial<FitOptions> = {},
) {
  const trainer = await Trainer.create(model, { ...base, ...options });
  await trainer.fit(data, { epochs: 2, ...fit });
  return trainer;
}

describe('a run', () => {
  const data = mnist('train', 300);
  const options = { dropout: { relu1: 0.5 }, batchSize: 64 };
  const fit = { augment: randomShift({ pixels: 2 }) };

  test.each([
    { name: 'LeNet-300-100', make: lenet300 },
    { name: 'LeNet-5', make: lenet5 },
  ])('of $name gives the same bytes for the same seed, with one thread and with two', async ({ make }) => {
    const first = hash(await trained(make(), data, { ...options, seed: 3 }, fit));
    const again = await trained(make(), data, { ...options, seed: 3, threads: 2 }, fit);
    expect(hash(again)).toBe(first);
    again.release();
    expect(hash(await trained(make(), data, { ...options, seed: 4 }, fit))).not.toBe(first);
  });

  test('of LeNet-5 takes less than 200 MB, and no more from epoch to epoch', async () => {
    const bytes: number[] = [];
    const trainer = await Trainer.create(lenet5(), { ...base, batchSize: 64 });
    // 300: the last batch is a smaller one.
    await trainer.fit(data, { epochs: 3, onEpoch: () => void bytes.push(trainer.memoryBytes) });
    expect(bytes[0]).toBeLessThan(200e6);
    expect(bytes).toEqual([bytes[0], bytes[0], bytes[0]]);
    // The weights, their gradients and two means of each at the least.
    expect(bytes[0]).toBeGreaterThan(430_500 * 4 * 4);
    trainer.release();
  });

  test('takes a data set of core as it takes samples in memory', async () => {
    const { model, data: inMemory } = small();
    const array = inMemory.inputs['x'];
    const tensor = new Tensor('float32', array?.data as Float32Array, [150, 6]);
    const dataset = memoryDataset('small', { x: tensor }, Int32Array.from(inMemory.labels ?? []));
    expect(hash(await trained(model, dataset, {}))).toBe(hash(await trained(model, inMemory, {})));
  });

  test('does not change the model before it is written back', async () => {
    const { model, data: inMemory } = small();
    const before = model.graph.value('w1')?.constant?.decode().data.slice();
    const trainer = await trained(model, inMemory, {});
    expect(model.graph.value('w1')?.constant?.decode().data).toEqual(before);
    trainer.writeBack();
    expect(model.graph.value('w1')?.constant?.decode().data).toEqual(trainer.weight('w1'));
    expect(trainer.weight('w1')).not.toEqual(before);
  });

  test('ends when it is told to', async () => {
    const { model, data: inMemory } = small();
    const trainer = await Trainer.create(model, base);
    const controller = new AbortController();
    const run = trainer.fit(inMemory, {
      epochs: 10,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(run).rejects.toThrow(AbortedError);
  });

  test('trains only the weights that are asked for', async () => {
    const { model, data: inMemory } = small();
    const trainer = await trained(model, inMemory, { trainable: (name) => name === 'w2' });
    expect(trainer.weightNames).toEqual(['w2']);
    expect(() => trainer.weight('w1')).toThrow(OptionsError);
  });
});

describe('a penalty', () => {
  test('L2 makes weights smaller, L1 makes many of them tiny', async () => {
    const { model, data } = small();
    const sum = (trainer: Trainer, of: (x: number) => number) =>
      trainer.weight('w1').reduce((a, b) => a + of(b), 0);
    const options = { optimizer: sgd({ learningRate: 0.1 }) };
    const plain = await trained(model, data, options, { epochs: 20 });
    const two = await trained(model, data, { ...options, l2: 0.05 }, { epochs: 20 });
    expect(sum(two, (x) => x * x)).toBeLessThan(sum(plain, (x) => x * x) / 2);
    const one = await trained(model, data, { ...options, l1: 0.02 }, { epochs: 20 });
    const tiny = (trainer: Trainer) => trainer.weight('w1').filter((x) => Math.abs(x) < 0.01).length;
    expect(tiny(one)).toBeGreaterThan(tiny(plain) + 20);
  });
});

describe('a mask', () => {
  const mask = Uint8Array.from({ length: 72 }, (_, i) => ((i * 7) % 10 < 4 ? 1 : 0));

  test.each([sgd({ learningRate: 0.1 }), adam({ learningRate: 0.01 })])(
    'keeps pruned weights at zero ($name)',
    async (optimizer) => {
      const { model, data } = small();
      const trainer = await trained(model, data, { optimizer, l2: 1e-3, constraints: { w1: { mask } } });
      const before = model.graph.value('w1')?.constant?.decode().data;
      for (const [i, value] of trainer.weight('w1').entries()) {
        if (mask[i] === 0) expect(Object.is(value, 0)).toBe(true);
        else expect(value).not.toBe(before?.[i]);
      }
    },
  );

  test('may be changed between epochs', async () => {
    const { model, data } = small();
    const trainer = await Trainer.create(model, base);
    const kept: number[] = [];
    await trainer.fit(data, {
      epochs: 3,
      onEpoch({ epoch }) {
        kept.push(trainer.weight('w1').filter((x) => x !== 0).length);
        trainer.constrain('w1', { mask: mask.map((_, i) => (i < 72 / (epoch + 1) ? 1 : 0)) });
      },
    });
    expect(kept).toEqual([72, 36, 24]);
  });

  test('lets weights come back where it is revivable', async () => {
    const { model, data } = small();
    const before = (await Trainer.create(model, base)).weight('w1');
    const trainer = await trained(model, data, { constraints: { w1: { mask, revivable: true } } });
    const [seen, hidden] = [trainer.weight('w1'), trainer.hiddenWeight('w1')];
    for (const [i, value] of seen.entries()) {
      expect(value).toBe(mask[i] === 0 ? 0 : hidden[i]);
    }
    // Behind the mask too weights follow their gradients, but for those of neurons that are never active.
    expect(hidden.filter((value, i) => mask[i] === 0 && value !== before[i]).length).toBeGreaterThan(24);
    expect(trainer.gradient('w1').some((g, i) => mask[i] === 0 && g !== 0)).toBe(true);
    trainer.constrain('w1', null);
    expect(trainer.weight('w1')).toEqual(hidden);
  });

  test('that does not fit is refused', async () => {
    const { model } = small();
    const trainer = Trainer.create(model, { ...base, constraints: { w1: { mask: new Uint8Array(71) } } });
    await expect(trainer).rejects.toThrow(/71 elements, the weight has 72/);
  });
});

describe('shared weights', () => {
  const indices = Uint8Array.from({ length: 72 }, (_, i) => i % 4);
  const constraint = { indices, centroids: Float32Array.of(0, -0.3, 0.1, 0.4), zero: 0 };

  test('stay shared, zeros stay zero, and centroids follow the summed gradient', async () => {
    const { model, data } = small();
    const optimizer = sgd({ learningRate: 0.5, momentum: 0 });
    const trainer = await Trainer.create(model, {
      ...base,
      optimizer,
      batchSize: 150,
      constraints: { w1: constraint },
    });
    expect(trainer.weight('w1')).toEqual(Float32Array.from(indices, (i) => constraint.centroids[i] ?? 0));
    await trainer.fit(data, { epochs: 1 });
    // Deep Compression, equation 3.
    const gradient = trainer.gradient('w1');
    const sums = [0, 0, 0, 0];
    for (const [i, index] of indices.entries())
      sums[index] = Math.fround((sums[index] ?? 0) + (gradient[i] ?? 0));
    const expected = constraint.centroids.map((c, k) =>
      k === 0 ? 0 : c - Math.fround(0.5 * (sums[k] ?? 0)),
    );
    expect(trainer.centroids('w1')).toEqual(expected);
    await trainer.fit(data, { epochs: 2 });
    const centroids = trainer.centroids('w1') ?? new Float32Array();
    expect(centroids[0]).toBe(0);
    const evaluated = await trainer.evaluate(data);
    expect(trainer.weight('w1')).toEqual(Float32Array.from(indices, (i) => centroids[i] ?? 0));
    trainer.constrain('w1', null);
    expect((await trainer.evaluate(data)).loss).toBe(evaluated.loss);
  });

  test('with an index that has no centroid are refused', async () => {
    const { model } = small();
    const trainer = await Trainer.create(model, base);
    expect(() => trainer.constrain('w1', { ...constraint, centroids: Float32Array.of(0, 1) })).toThrow(
      DataError,
    );
  });
});

describe('bad input', () => {
  test('labels that are not as many as the samples', () => {
    const inputs = { x: { data: new Float32Array(12), dims: [6] } };
    expect(() => samples({ inputs, labels: [0, 1, 2] })).toThrow(/2 of input "x", 3 of labels/);
  });

  test('a class out of range, no labels, and samples of another shape', async () => {
    const { model, data } = small();
    const trainer = await Trainer.create(model, base);
    const labels = Int32Array.from(data.labels ?? []);
    labels[7] = 4;
    await expect(trainer.fit({ ...data, labels }, { epochs: 1 })).rejects.toThrow(/Sample 7 is of class 4/);
    await expect(trainer.fit({ ...data, labels: null }, { epochs: 1 })).rejects.toThrow(/has no labels/);
    const inputs = { x: { data: new Float32Array(150 * 5), dims: [5] } };
    await expect(trainer.fit({ ...data, inputs }, { epochs: 1 })).rejects.toThrow(DataError);
  });

  test('an operator without a gradient is named', async () => {
    const b = new Builder();
    const y = b.apply({ op: 'MatMul', inputs: [b.input(['N', 6]), b.weight([6, 4])] });
    const model = b.model(b.apply({ op: 'Erf', name: 'odd', inputs: [y] }));
    const trainer = Trainer.create(model, base);
    await expect(trainer).rejects.toThrow(UnsupportedError);
    await expect(trainer).rejects.toThrow(/Erf .*\n.*"odd"/);
  });

  test('a model without weights, and one whose output is not named', async () => {
    const graph = new Graph();
    const x = graph.addInput('x', { dtype: 'float32', dims: ['N', 4] });
    graph.addOutput(graph.apply({ op: 'Relu', inputs: [x] }));
    await expect(Trainer.create(new Model(graph), base)).rejects.toThrow(/No weight/);
    graph.addOutput(x);
    await expect(Trainer.create(new Model(graph), base)).rejects.toThrow(ModelError);
  });

  test('a loss that is no number: says the step and the layer, and goes back to the epoch before', async () => {
    const { model, data } = small();
    const trainer = await Trainer.create(model, {
      ...base,
      optimizer: sgd({ learningRate: 1e30, momentum: 0 }),
    });
    const before = trainer.weight('w1');
    const run = trainer.fit(data, { epochs: 3 });
    await expect(run).rejects.toThrow(TrainingError);
    await expect(run).rejects.toThrow(/step \d+.*\n.*node/);
    expect(trainer.weight('w1')).toEqual(before);
  });

  test('numbers out of range, and a dropout that is nowhere', async () => {
    expect(() => adam({ learningRate: 0 })).toThrow(OptionsError);
    expect(() => sgd({ learningRate: 0.1, momentum: 1 })).toThrow(OptionsError);
    const { model } = small();
    await expect(Trainer.create(model, { ...base, batchSize: 0 })).rejects.toThrow(OptionsError);
    await expect(Trainer.create(model, { ...base, dropout: { nowhere: 0.5 } })).rejects.toThrow(
      /"nowhere" is no node/,
    );
  });
});

describe('dropout', () => {
  test('drops in training, not when evaluated, and its nodes are taken out of the model', async () => {
    const b = new Builder();
    const hidden = b.apply({ op: 'MatMul', inputs: [b.input(['N', 6]), b.weight([6, 12], 'w1')] });
    const dropped = b.apply({ op: 'Dropout', inputs: [hidden, b.scalar(0.75)] });
    const model = b.model(b.apply({ op: 'MatMul', inputs: [dropped, b.weight([12, 4], 'w2')] }));
    const data = seededSamples(model, 64, 4);
    const frozen = { ...base, optimizer: sgd({ learningRate: 1e-30 }) };
    const trainer = await Trainer.create(model, frozen);
    const losses: number[] = [];
    await trainer.fit(data, { epochs: 2, onProgress: ({ loss }) => losses.push(loss) });
    const { loss } = await trainer.evaluate(data);
    expect(losses[0]).not.toBeCloseTo(losses[1] ?? 0, 4);
    expect(losses[0]).not.toBeCloseTo(loss, 4);
    expect((await trainer.evaluate(data)).loss).toBe(loss);
    trainer.writeBack();
    expect(model.graph.nodesOf('Dropout')).toEqual([]);
  });
});
