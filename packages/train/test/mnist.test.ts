import { Tensor, toFloat32 } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { adam, cosine, randomShift, sgd, softmaxCrossEntropy, Trainer } from '../src/index.js';
import { lenet5, lenet300 } from './lenet.js';
import { mnist } from './mnist.js';

const train = mnist('train', 6000);
const held = mnist('t10k', 1000);

describe('on MNIST', () => {
  test('LeNet-300-100 learns digits, and the model written back computes what was trained', async () => {
    const model = lenet300();
    const trainer = await Trainer.create(model, {
      loss: softmaxCrossEntropy(),
      optimizer: adam({ learningRate: 1e-3 }),
      dropout: { relu1: 0.2 },
      batchSize: 64,
    });
    const before = await trainer.evaluate(held);
    expect(before.accuracy).toBeLessThan(0.3);
    const told: number[] = [];
    await trainer.fit(train, { epochs: 4, schedule: cosine(), onProgress: ({ loss }) => told.push(loss) });
    expect(told).toHaveLength(4);
    expect(told[3]).toBeLessThan((told[0] ?? 0) / 3);
    const after = await trainer.evaluate(held);
    // Chance is 0.1.
    expect(after.accuracy).toBeGreaterThan(0.9);
    trainer.writeBack();
    const session = await InferenceSession.create(model);
    const { data } = held.inputs['image'] ?? { data: new Uint8Array() };
    const pixels = Float32Array.from(data, (byte) => byte / 255);
    const output = Object.values(
      await session.run({ image: new Tensor('float32', pixels, [held.count, 1, 28, 28]) }),
    )[0];
    const logits = output === undefined ? new Float32Array() : toFloat32(output);
    const right = Array.from({ length: held.count }, (_, i) => {
      const row = logits.subarray(i * 10, i * 10 + 10);
      return row.indexOf(Math.max(...row)) === held.labels?.[i];
    });
    expect(right.filter(Boolean).length / held.count).toBe(after.accuracy);
    trainer.release();
  });

  test('LeNet-5 learns digits from shifted images', async () => {
    const trainer = await Trainer.create(lenet5(), {
      loss: softmaxCrossEntropy(),
      optimizer: sgd({ learningRate: 0.03, momentum: 0.9 }),
      l2: 5e-4,
    });
    await trainer.fit(train, { epochs: 1, augment: randomShift({ pixels: 1 }) });
    expect((await trainer.evaluate(held)).accuracy).toBeGreaterThan(0.9);
    trainer.release();
  });
});
