import { OptionsError, Tensor } from '@espalier/core';
import { loadKernels } from '@espalier/kernels';
import { onnxFormat } from '@espalier/onnx';
import { parseModel, seededFeeds } from '@espalier/plugin-kit';
import { InferenceSession } from '@espalier/runtime';
import { expect, test } from 'vitest';
import { cifarImages, cifarIsThere, resnetBytes } from './support/cifar.js';

test.skipIf(!cifarIsThere)('ResNet-20 gives the same bits on one, two and three threads', async () => {
  const images = cifarImages('test');
  const sessions: InferenceSession[] = [];
  for (const threads of [1, 2, 3]) {
    sessions.push(await InferenceSession.create(resnetBytes(), { formats: [onnxFormat], threads }));
  }
  // One image and many: other tapes, and memory that grows while workers hold on to it.
  for (const size of [1, 7, 1, 40, 7, 40]) {
    const input = new Tensor('float32', images.batch(0, size), [size, 3, 32, 32]);
    const [one, ...others] = await Promise.all(sessions.map((session) => session.run({ input })));
    for (const other of others) expect(other).toEqual(one);
  }
  for (const session of sessions) await session.release();
});

test.skipIf(!cifarIsThere)('results are no views of shared memory', async () => {
  const session = await InferenceSession.create(resnetBytes(), { formats: [onnxFormat], threads: 2 });
  const input = new Tensor('float32', cifarImages('test').batch(0, 1), [1, 3, 32, 32]);
  for (let run = 0; run < 2; run++) {
    const { logits } = await session.run({ input });
    expect(logits?.data.buffer).toBeInstanceOf(ArrayBuffer);
  }
  await session.release();
  await expect(session.run({ input })).rejects.toThrow(/released/);
});

test.each(['', ' q int8 scale 0.02 zero 5'])(
  'pools, sums and grids%s are the same bits on two threads',
  async (grid) => {
    const of = (dims: string) => `float32[${dims}]${grid}`;
    const model = parseModel(`
    input x: float32[1, 24, 33, 33]
    input z: float32[1, 24, 33, 33]
    constant k: float32[24, 1, 1] = random(1)
    a: ${of('1, 24, 33, 33')} = Add(x, z)
    m: ${of('1, 24, 16, 16')} = MaxPool(a) { kernel_shape: [3, 3], strides: [2, 2] }
    v: ${of('1, 24, 33, 33')} = AveragePool(a) { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }
    c: ${of('1, 24, 33, 33')} = Mul(v, k)
    output m
    output c
  `);
    const feeds = seededFeeds(model);
    const [one, two] = await Promise.all(
      [1, 2].map((threads) => InferenceSession.create(model, { threads })),
    );
    for (let run = 0; run < 3; run++) expect(await two?.run(feeds)).toEqual(await one?.run(feeds));
    await two?.release();
  },
);

test('a number of threads that makes no sense is refused before anything is read', async () => {
  await expect(InferenceSession.create(new Uint8Array(), { threads: 0 })).rejects.toThrow(OptionsError);
});

test('kernels that threads can not share are refused by name', async () => {
  const kernels = await loadKernels();
  const session = InferenceSession.create(new Uint8Array(), { threads: 2, kernels });
  await expect(session).rejects.toThrow(OptionsError);
  await expect(session).rejects.toThrow(/2 threads[\s\S]*shared: true/);
});

test('kernels that multiply by another rule than the model has are refused', async () => {
  const kernels = await loadKernels({ multipliers: 'fixed-point' });
  const model = parseModel('input x: float32[1]\ny = Relu(x)\noutput y');
  await expect(InferenceSession.create(model, { kernels })).rejects.toThrow(OptionsError);
});
