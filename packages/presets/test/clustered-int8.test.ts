import {
  AffineEncoding,
  createRandom,
  describeEncoding,
  type Model,
  memoryDataset,
  type RecipeStep,
  type RunData,
  Tensor,
  toFloat32,
} from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { InferenceSession } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { createCompressor } from '../src/index.js';

const COUNT = 192;

const random = createRandom('striped images');
const pixels = new Float32Array(COUNT * 2 * 8 * 8);
/** Images with stripes across or along, under noise. */
const labels = Int32Array.from({ length: COUNT }, (_, image) => {
  const along = random.below(2);
  for (let i = 0; i < 128; i++) {
    const stripe = (along === 1 ? i : i >> 3) & 1;
    pixels[image * 128 + i] = stripe - 0.5 + random.normal();
  }
  return along;
});
const images = { x: new Tensor('float32', pixels, [COUNT, 2, 8, 8]) };
const data: RunData = {
  calibration: memoryDataset('images', images),
  train: memoryDataset('labelled images', images, labels),
};

const network = (): Model =>
  parseModel(`
    input x: float32[N, 2, 8, 8]
    constant w1: float32[16, 2, 3, 3] = random(1)
    constant b1: float32[16] = random(2)
    a = Conv(x, w1, b1) { pads: [1, 1, 1, 1] }
    r = Relu(a)
    constant w2: float32[16, 16, 3, 3] = random(3, -0.2, 0.2)
    c = Conv(r, w2) { pads: [1, 1, 1, 1] }
    e = Relu(c)
    g = GlobalAveragePool(e)
    f = Flatten(g)
    constant w3: float32[2, 16] = random(4)
    constant b3: float32[2] = random(5)
    y = Gemm(f, w3, b3) { transB: 1 }
    output y
  `);

const before: readonly [RecipeStep, RecipeStep] = [
  { pass: 'prune', options: { density: { Conv: 0.5, default: 1 } } },
  { pass: 'share-weights', options: { bits: 3 } },
];
const finetune = { epochs: 4, learningRate: 0.003, batchSize: 32, validation: 0 };
const compressor = createCompressor();

async function compressed(steps: readonly RecipeStep[]): Promise<Model> {
  const request = { data, seed: 1, driftSamples: 0, reportWeights: false };
  return (await compressor.run(network(), { steps }, request)).model;
}

function valuesOf(model: Model, name: string): Float32Array {
  const constant = model.graph.value(name)?.constant;
  if (constant == null) throw new Error(`no constant ${name}`);
  return toFloat32(constant.decode());
}

async function right(model: Model): Promise<number> {
  const { y } = await (await InferenceSession.create(model)).run(images);
  const scores = y?.data as Float32Array; // the model's output is float32
  return labels.filter((label, i) => (scores[2 * i + 1] ?? 0) > (scores[2 * i] ?? 0) === (label === 1))
    .length;
}

describe('a network that is pruned, clustered, quantized and coded in one pipeline', () => {
  test('is trained in int8, and keeps its mask and its clusters', async () => {
    const clustered = await compressed(before);
    const plain = await compressed([...before, { pass: 'quantize', options: {} }, 'huffman']);
    const steps = [...before, { pass: 'quantize', options: { finetune } }, 'huffman'];
    const trained = await compressed(steps);
    for (const name of ['w1', 'w2']) {
      const [was, now] = [valuesOf(clustered, name), valuesOf(trained, name)];
      expect(now).not.toEqual(valuesOf(plain, name));
      // Half of the weights are zero, and the others have 8 values.
      expect(new Set(was).size).toBe(9);
      expect(new Set(now).size).toBeLessThanOrEqual(9);
      const newOf = new Map<number, number>([[0, 0]]);
      for (const [i, value] of was.entries()) {
        newOf.set(value, newOf.get(value) ?? now[i] ?? 0);
        expect(now[i]).toBe(newOf.get(value));
      }
      const held = trained.graph.value(name)?.constant;
      expect(held).toBeInstanceOf(AffineEncoding);
      expect(held && describeEncoding(held)).toContain('sparse');
    }
    const session = await InferenceSession.create(trained);
    expect(session.plan.every(({ implementation }) => implementation === 'int8')).toBe(true);
    expect(await right(trained)).toBeGreaterThan((await right(plain)) + COUNT / 20);
  });

  test('takes the steps in whatever order they are given', async () => {
    const quantize = { pass: 'quantize', options: {} };
    const [prune, share] = before;
    const one = await compressed([prune, share, quantize, 'huffman']);
    const other = await compressed(['huffman', quantize, share, prune]);
    expect(valuesOf(other, 'w2')).toEqual(valuesOf(one, 'w2'));
  });

  test('is smaller by its clusters, once it is coded', async () => {
    const format = compressor.formats.find(({ name }) => name === 'espalier');
    const bytesOf = async (steps: readonly RecipeStep[]) =>
      format?.write?.(await compressed(steps)).length ?? 0;
    const [prune] = before;
    const quantize = { pass: 'quantize', options: {} };
    const shared = await bytesOf([...before, quantize, 'huffman']);
    expect(shared).toBeLessThan(0.8 * (await bytesOf([prune, quantize, 'huffman'])));
  });
});
