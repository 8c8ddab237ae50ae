import { Compressor, definePlugin, EXECUTOR } from '@espalier/core';
import { readOnnx, writeOnnx } from '@espalier/onnx';
import { foldBatchNorm } from '@espalier/plugin-fold-batch-norm';
import { InferenceSession, RuntimeExecutor } from '@espalier/runtime';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { quantize } from '../src/index.js';
import { cifar, cifarIsThere, classesOf, resnetBytes } from './support/cifar.js';

const runtime = definePlugin({
  id: 'runtime',
  register(container) {
    container.register(EXECUTOR, { useValue: new RuntimeExecutor() });
  },
});

test.skipIf(!cifarIsThere)(
  'ResNet-20 runs on int8 kernels alone, has 1820 of 2000 right, and means the same to ONNX Runtime',
  { timeout: 300_000 },
  async () => {
    const compressor = new Compressor({ plugins: [runtime, foldBatchNorm, quantize] });
    const steps = [foldBatchNorm(), quantize()];
    const { model } = await compressor.run(await readOnnx(resnetBytes()), steps, {
      data: { calibration: cifar('calib') },
      driftSamples: 0,
    });
    const ours = await InferenceSession.create(model);
    const theirs = await ort.InferenceSession.create(writeOnnx(model));
    const again = await InferenceSession.create(await readOnnx(writeOnnx(model)));
    expect(ours.plan.map(({ implementation }) => implementation)).toEqual(ours.plan.map(() => 'int8'));
    expect(again.plan.map(({ implementation }) => implementation)).toEqual(ours.plan.map(() => 'int8'));

    let right = 0;
    let different = 0;
    let elapsedMs = 0;
    const test = cifar('test');
    for await (const { feeds, labels, count } of test.batches(100)) {
      const started = performance.now();
      const logits = (await ours.run(feeds))['logits']?.data as Float32Array;
      elapsedMs += performance.now() - started;
      const reread = (await again.run(feeds))['logits']?.data as Float32Array;
      expect(reread).toEqual(logits);
      const x = feeds['input'];
      const input = new ort.Tensor('float32', x?.data as Float32Array, x?.dims);
      const expected = classesOf((await theirs.run({ input }))['logits']?.data as Float32Array);
      const classes = classesOf(logits);
      for (let i = 0; i < count; i++) {
        if (classes[i] === labels?.[i]) right++;
        if (classes[i] !== expected[i]) different++;
      }
    }
    console.log(
      `int8: ${right} of ${test.count} right, ${different} classes other than in ONNX Runtime, ${(elapsedMs / test.count).toFixed(2)} ms an image`,
    );
    expect(right).toBeGreaterThanOrEqual(1820);
    expect(different).toBeLessThanOrEqual(3);
  },
);
