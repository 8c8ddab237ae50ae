import { Compressor, createRandom, type Dataset, type Model, memoryDataset, Tensor } from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { adam, cosine, softmaxCrossEntropy, Trainer } from '@espalier/train';
import { beforeAll, describe, expect, test } from 'vitest';
import { shareWeights } from '../src/index.js';
import { OutputProbe } from '../src/output-probe.js';

const COUNT = 2000;
const random = createRandom('four classes');
const x = Float32Array.from({ length: COUNT * 6 }, () => random.normal());
/** Two signs of products: what no network without a hidden layer can tell. */
const classes = Int32Array.from({ length: COUNT }, (_, i) => {
  const [a = 0, b = 0, c = 0, d = 0] = x.subarray(6 * i, 6 * i + 4);
  return 2 * Number(a * b > 0) + Number(c * d > 0);
});

function points(start: number, end: number, labelled: boolean): Dataset {
  const data = new Tensor('float32', x.subarray(6 * start, 6 * end), [end - start, 6]);
  return memoryDataset('points', { x: data }, labelled ? classes.subarray(start, end) : undefined);
}

/** Trains it from noise. */
async function trained(): Promise<Model> {
  const model = parseModel(`
    input x: float32[N, 6]
    constant w1: float32[32, 6] = random(1)
    constant b1: float32[32] = random(2)
    h = Gemm(x, w1, b1) { transB: 1 }
    r = Relu(h)
    constant w2: float32[4, 32] = random(3)
    constant b2: float32[4] = random(4)
    y = Gemm(r, w2, b2) { transB: 1 }
    output y
  `);
  const trainer = await Trainer.create(model, {
    loss: softmaxCrossEntropy(),
    optimizer: adam({ learningRate: 0.02 }),
    seed: 1,
  });
  await trainer.fit(points(0, 1500, true), { epochs: 40, schedule: cosine() });
  trainer.writeBack();
  trainer.release();
  return model;
}

describe('centroids that are trained without labels', () => {
  let model: Model;
  let probe: OutputProbe;

  beforeAll(async () => {
    model = await trained();
    probe = await OutputProbe.open(new RuntimeExecutor(), model, points(1500, 2000, true), 500);
  });

  test('give back most answers that sharing lost, in as many bytes', async () => {
    const compressor = new Compressor({ plugins: [shareWeights] });
    const finetune = { epochs: 20, learningRate: 0.01, validation: 0 };
    const data = { train: points(0, 1500, false) };
    const plain = await compressor.run(model, [shareWeights({ bits: 2 })]);
    const tuned = await compressor.run(model, [shareWeights({ bits: 2, finetune })], { data });
    const [before, after] = [await probe.compare(plain.model), await probe.compare(tuned.model)];
    expect(before.drop).toBeGreaterThan(0.1);
    expect(after.drop).toBeLessThan(before.drop / 2);
    expect(tuned.report.sizeBytesAfter).toBe(plain.report.sizeBytesAfter);
  });
});
