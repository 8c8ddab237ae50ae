import { Tensor } from '@espalier/core';
import { onnxFormat } from '@espalier/onnx';
import { InferenceSession } from '@espalier/runtime';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { cifarImages, cifarIsThere, classesOf, resnetBytes } from './support/cifar.js';

const batchSize = 100;

test.skipIf(!cifarIsThere)(
  'ResNet-20 computes what ONNX Runtime computes, and has 1829 of 2000 right',
  { timeout: 300_000 },
  async () => {
    const images = cifarImages('test');
    const ours = await InferenceSession.create(resnetBytes(), { formats: [onnxFormat] });
    const theirs = await ort.InferenceSession.create(resnetBytes());
    let right = 0;
    let elapsedMs = 0;
    for (let start = 0; start < images.count; start += batchSize) {
      const batch = images.batch(start, batchSize);
      const dims = [batchSize, 3, 32, 32];
      const started = performance.now();
      const logits = (await ours.run({ input: new Tensor('float32', batch, dims) }))['logits']
        ?.data as Float32Array;
      elapsedMs += performance.now() - started;
      const expected = (await theirs.run({ input: new ort.Tensor('float32', batch, dims) }))['logits']
        ?.data as Float32Array;
      const largest = Math.max(...expected.map(Math.abs));
      const worst = Math.max(...logits.map((x, i) => Math.abs(x - (expected[i] ?? 0))));
      expect(worst / largest).toBeLessThan(1e-4);
      for (const [i, best] of classesOf(logits).entries()) if (best === images.labels[start + i]) right++;
    }
    console.log(
      `float32: ${right} of ${images.count} right, ${(elapsedMs / images.count).toFixed(2)} ms an image`,
    );
    expect(right).toBe(1829);
    expect(
      ours.plan.filter(({ op }) => op === 'Conv').every((line) => line.implementation === 'float32'),
    ).toBe(true);
  },
);
