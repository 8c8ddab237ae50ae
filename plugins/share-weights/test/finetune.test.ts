import {
  Compressor,
  createRandom,
  DataError,
  type Model,
  memoryDataset,
  type RunData,
  Tensor,
  toFloat32,
} from '@espalier/core';
import { checkPlugin, parseModel } from '@espalier/plugin-kit';
import { describe, expect, test } from 'vitest';
import { shareWeights } from '../src/index.js';

const random = createRandom('points');
const x = Float32Array.from({ length: 500 * 12 }, () => random.normal());
const labels = Int32Array.from({ length: 500 }, (_, i) => ((x[12 * i] ?? 0) > (x[12 * i + 1] ?? 0) ? 1 : 0));
const data: RunData = {
  train: memoryDataset('points', { x: new Tensor('float32', x, [500, 12]) }, labels),
};

/** The first weight is sparse. The second is too small to be shared where `minElements` is 64. */
const network: Model = parseModel(`
  input x: float32[N, 12]
  constant w1: float32[24, 12] = sparse(gaps: packed) random(1)
  constant b1: float32[24] = random(2)
  h = Gemm(x, w1, b1) { transB: 1 }
  r = Relu(h)
  constant w2: float32[2, 24] = random(3)
  constant b2: float32[2] = random(4)
  y = Gemm(r, w2, b2) { transB: 1 }
  output y
`);
const finetune = { epochs: 2, learningRate: 0.01 };

checkPlugin(shareWeights, {
  models: { 'a network that is trained': network },
  fixtures: false,
  data,
  options: [
    { bits: 2, finetune },
    { bits: 3, granularity: 'channel', minElements: 1, finetune },
    { bits: 3, biasBits: 2, centroids: 'float16', minElements: 1, finetune },
  ],
});

const compressor = new Compressor({ plugins: [shareWeights] });

function valuesOf(model: Model, name: string): Float32Array {
  const value = model.graph.value(name)?.constant;
  if (value == null) throw new Error(`no constant ${name}`);
  return toFloat32(value.decode());
}

/** What stands for the elements: the order of the first of each value. */
function patternOf(values: Float32Array): readonly number[] {
  const known = [0, ...new Set(values.filter((value) => value !== 0))];
  return Array.from(values, (value) => known.indexOf(value));
}

describe('trained centroids', () => {
  test.each(['tensor', 'channel'] as const)(
    'by %s: weights that shared a value share another one, and zeros stay',
    async (granularity) => {
      const options = { bits: 2, minElements: 1, granularity } as const;
      const before = (await compressor.run(network, [shareWeights(options)])).model;
      const step = shareWeights({ ...options, finetune });
      const { model, report } = await compressor.run(network, [step], { data });
      for (const name of ['w1', 'w2']) {
        const [was, now] = [valuesOf(before, name), valuesOf(model, name)];
        expect(now).not.toEqual(was);
        expect(Array.from(now, (value) => value === 0)).toEqual(Array.from(was, (value) => value === 0));
        if (granularity === 'tensor') expect(patternOf(now)).toEqual(patternOf(was));
      }
      expect(report.passes[0]?.statistics['epochs.trained']).toBe(2);
      expect(report.sizeBytesAfter).toBe(
        (await compressor.run(network, [shareWeights(options)])).report.sizeBytesAfter,
      );
    },
  );

  test('what is not shared is trained along', async () => {
    const { model } = await compressor.run(network, [shareWeights({ bits: 2, finetune })], { data });
    for (const name of ['w2', 'b1', 'b2']) expect(valuesOf(model, name)).not.toEqual(valuesOf(network, name));
  });

  test('shared biases stay shared, and all values are float16 where asked', async () => {
    const options = { bits: 3, biasBits: 2, centroids: 'float16', minElements: 1, finetune } as const;
    const { model } = await compressor.run(network, [shareWeights(options)], { data });
    expect(new Set(valuesOf(model, 'b1')).size).toBeLessThanOrEqual(4);
    for (const value of valuesOf(model, 'w1')) expect(Math.fround(value * 2 ** 12) / 2 ** 12).toBe(value);
  });

  test('are refused without training data', async () => {
    const run = compressor.run(network, [shareWeights({ finetune })]);
    await expect(run).rejects.toThrow(DataError);
  });
});
