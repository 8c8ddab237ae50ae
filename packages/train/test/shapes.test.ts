import { inferShapes, printModel } from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { expect, test } from 'vitest';
import { adam, softmaxCrossEntropy, Trainer } from '../src/index.js';
import { seededSamples } from './gradient-check.js';

// As PyTorch exports a recurrent network whose batch is open.
const exported = parseModel(`
  input x: float32[N, 5, 4]
  constant zero: int64[] = [0]
  constant axes: int64[1] = [0]
  constant one: int64[1] = [1]
  constant hidden: int64[1] = [6]
  constant rest: int64[1] = [-1]
  constant w: float32[1, 24, 4] = random(1)
  constant r: float32[1, 24, 6] = random(2)
  constant b: float32[1, 48] = random(3)
  constant last: int64[] = [-1]
  constant fc: float32[6, 3] = random(4)
  shape = Shape(x)
  batch = Gather(shape, zero)
  n = Unsqueeze(batch, axes)
  state = Concat(one, n, hidden) { axis: 0 }
  h0 = ConstantOfShape(state)
  c0 = ConstantOfShape(state)
  t = Transpose(x) { perm: [1, 0, 2] }
  y, yh, yc = LSTM(t, w, r, b, _, h0, c0) { hidden_size: 6 }
  flat = Concat(n, rest) { axis: 0 }
  s = Squeeze(y, one)
  e = Gather(s, last) { axis: 0 }
  f = Reshape(e, flat)
  logits = MatMul(f, fc)
  output logits
`);

test('a model that computes shapes as it runs is trained, for batches of any size', async () => {
  const trainer = await Trainer.create(exported, {
    loss: softmaxCrossEntropy(),
    optimizer: adam({ learningRate: 0.02 }),
    batchSize: 16,
  });
  expect(trainer.weightNames).toEqual(['w', 'r', 'b', 'fc']);
  const data = seededSamples(exported, 40, 3);
  const before = await trainer.evaluate(data);
  await trainer.fit(data, { epochs: 40 });
  const after = await trainer.evaluate(data);
  expect(after.loss).toBeLessThan(before.loss / 2);
  trainer.writeBack();
  expect(exported.graph.value('w')?.constant?.decode().data).toEqual(trainer.weight('w'));
  trainer.release();
});

test('a model that was exported for batches of one is trained on larger ones', async () => {
  const single = parseModel(`
    input x: float32[1, 1, 6, 6]
    constant w: float32[4, 1, 3, 3] = random(1)
    constant flat: int64[2] = [1, 64]
    constant fc: float32[64, 3] = random(2)
    c = Conv(x, w)
    r = Relu(c)
    f = Reshape(r, flat)
    logits = MatMul(f, fc)
    output logits
  `);
  inferShapes(single);
  const before = printModel(single);
  const trainer = await Trainer.create(single, {
    loss: softmaxCrossEntropy(),
    optimizer: adam({ learningRate: 0.02 }),
    batchSize: 16,
  });
  const data = seededSamples(single, 40, 3);
  const { loss } = await trainer.evaluate(data);
  await trainer.fit(data, { epochs: 20 });
  expect((await trainer.evaluate(data)).loss).toBeLessThan(loss / 2);
  trainer.release();
  expect(printModel(single)).toBe(before);
});
