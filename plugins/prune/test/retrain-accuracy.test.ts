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
import { prune } from '../src/index.js';

const INPUTS = 6;
const compressor = new Compressor({ plugins: [prune] });

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

function trainingData({ x, labels }: ReturnType<typeof points>, isLabelled: boolean): RunData {
  const feeds = { x: new Tensor('float32', x, [labels.length, INPUTS]) };
  return { train: isLabelled ? memoryDataset('points', feeds, labels) : memoryDataset('points', feeds) };
}

async function accuracyOf(model: Model, held: Samples): Promise<number> {
  const trainer = await Trainer.create(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
  const { accuracy } = await trainer.evaluate(held);
  trainer.release();
  return accuracy ?? 0;
}

describe('retraining, judged by points that were held out', () => {
  const train = points('train', 3000);
  const held = samplesOf(points('held out', 1500));
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
  let whole = 0;
  let once = 0;
  const density = 0.2;

  beforeAll(async () => {
    const trainer = await Trainer.create(network, {
      loss: softmaxCrossEntropy(),
      optimizer: adam({ learningRate: 0.01 }),
    });
    await trainer.fit(samplesOf(train), { epochs: 15 });
    trainer.writeBack();
    trainer.release();
    whole = await accuracyOf(network, held);
    once = await accuracyOf((await compressor.run(network, [prune({ density })])).model, held);
    // There is something to lose and something to win back.
    expect(whole).toBeGreaterThan(0.9);
    expect(once).toBeLessThan(whole - 0.1);
  });

  test.each([true, false])('wins back what pruning has lost (labels: %s)', async (isLabelled) => {
    const step = prune({ density, retrain: { epochs: 8, learningRate: 0.005 } });
    const { model } = await compressor.run(network, [step], { data: trainingData(train, isLabelled) });
    const after = await accuracyOf(model, held);
    console.log(
      `Right: ${whole} whole, ${once} pruned, ${after} retrained ${isLabelled ? 'by labels' : 'without labels'}`,
    );
    expect(after).toBeGreaterThan(whole - (whole - once) / 3);
  });

  test('gives the same weights on two threads', async () => {
    const run = async (threads: number): Promise<readonly Float32Array[]> => {
      // Batches so large that their products are shared out.
      const step = prune({ density, retrain: { epochs: 1, batchSize: 500, threads } });
      const { model } = await compressor.run(network, [step], { data: trainingData(train, true) });
      return model.graph.constants.map(({ constant }) =>
        constant == null ? new Float32Array() : toFloat32(constant.decode()),
      );
    };
    expect(await run(2)).toEqual(await run(1));
  });
});
