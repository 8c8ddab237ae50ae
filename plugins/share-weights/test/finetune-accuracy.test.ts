import {
  Compressor,
  createRandom,
  type Model,
  memoryDataset,
  type RunData,
  Tensor,
  toFloat32,
} from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { adam, type Samples, samples, softmaxCrossEntropy, Trainer } from '@espalier/train';
import { beforeAll, describe, expect, test } from 'vitest';
import { shareWeights } from '../src/index.js';

const INPUTS = 6;
const compressor = new Compressor({ plugins: [shareWeights] });

/** Points of four classes, by the signs of two products: no layer alone can tell them apart. */
function points(seed: string, count: number): { readonly x: Float32Array; readonly labels: Int32Array } {
  const random = createRandom(seed);
  const x = Float32Array.from({ length: count * INPUTS }, () => random.normal());
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const [a = 0, b = 0, c = 0, d = 0] = x.subarray(i * INPUTS, (i + 1) * INPUTS);
    return (a * b > 0 ? 1 : 0) + (c * d > 0 ? 2 : 0);
  });
  return { x, labels };
}

function samplesOf({ x, labels }: ReturnType<typeof points>): Samples {
  return samples({ inputs: { x: { data: x, dims: [INPUTS] } }, labels });
}

async function accuracyOf(model: Model, held: Samples): Promise<number> {
  const trainer = await Trainer.create(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
  const { accuracy } = await trainer.evaluate(held);
  trainer.release();
  return accuracy ?? 0;
}

describe('trained centroids, judged by points that were held out', () => {
  const train = points('train', 3000);
  const held = samplesOf(points('held out', 1500));
  const feeds = { x: new Tensor('float32', train.x, [3000, INPUTS]) };
  const unlabelled: RunData = { train: memoryDataset('points', feeds) };
  const labelled: RunData = { train: memoryDataset('points', feeds, train.labels) };
  const network = parseModel(`
    input x: float32[N, ${INPUTS}]
    constant w1: float32[128, ${INPUTS}] = random(1)
    constant b1: float32[128] = fill(0)
    h = Gemm(x, w1, b1) { transB: 1 }
    r = Relu(h)
    constant w2: float32[4, 128] = random(2)
    constant b2: float32[4] = fill(0)
    y = Gemm(r, w2, b2) { transB: 1 }
    output y
  `);
  const options = { bits: 2, minElements: 1 } as const;
  const finetune = { epochs: 6, learningRate: 0.003 };
  let whole = 0;
  let shared = 0;

  beforeAll(async () => {
    const trainer = await Trainer.create(network, {
      loss: softmaxCrossEntropy(),
      optimizer: adam({ learningRate: 0.01 }),
    });
    await trainer.fit(samplesOf(train), { epochs: 15 });
    trainer.writeBack();
    trainer.release();
    whole = await accuracyOf(network, held);
    shared = await accuracyOf((await compressor.run(network, [shareWeights(options)])).model, held);
    // There is something to lose and something to win back.
    expect(whole).toBeGreaterThan(0.9);
    expect(shared).toBeLessThan(whole - 0.05);
  });

  test.each([
    { by: 'labels', data: labelled, more: {} },
    { by: 'distillation without labels', data: unlabelled, more: {} },
    { by: 'distillation although there are labels', data: labelled, more: { loss: 'distillation' } as const },
  ])('win back what sharing has lost, by $by', async ({ by, data, more }) => {
    const step = shareWeights({ ...options, finetune: { ...finetune, ...more } });
    const { model } = await compressor.run(network, [step], { data });
    const after = await accuracyOf(model, held);
    console.log(`Right: ${whole} whole, ${shared} shared, ${after} trained by ${by}`);
    // Which weights share a value does not change: four values a layer can't win back all.
    expect(after).toBeGreaterThan(shared + (whole - shared) / 4);
    for (const { encoding } of model.weights()) {
      // Still four values, of which each stands for many.
      expect(new Set(toFloat32(encoding.decode())).size).toBeLessThanOrEqual(4);
    }
  });

  test('are the same on two threads', async () => {
    const run = async (threads: number): Promise<readonly Float32Array[]> => {
      // Batches so large that their products are shared out.
      const step = shareWeights({ ...options, finetune: { epochs: 1, batchSize: 500, threads } });
      const { model } = await compressor.run(network, [step], { data: labelled });
      return model.weights().map(({ encoding }) => toFloat32(encoding.decode()));
    };
    expect(await run(2)).toEqual(await run(1));
  });
});
