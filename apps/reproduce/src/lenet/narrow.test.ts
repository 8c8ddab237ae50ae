import { dense, type Model, Tensor, toFloat32 } from '@espalier/core';
import { expect, test } from 'vitest';
import { DigitDataset } from '../mnist/digit-dataset.js';
import { loadMnist, slice } from '../mnist/mnist.js';
import { answersOf } from './evaluate.js';
import { weightCount } from './layer-cost.js';
import { lenet5, lenet300 } from './models.js';
import { narrow } from './narrow.js';

/** Sets the weights that go into some units to zero, so that they say nothing. */
function silence(model: Model, name: string, units: readonly number[]): void {
  const value = model.graph.value(name);
  if (value?.constant == null) throw new Error(name);
  const { dims } = value.constant;
  const values = toFloat32(value.constant.decode()).slice();
  const row = values.length / (dims[0] ?? 1);
  for (const unit of units) values.fill(0, unit * row, (unit + 1) * row);
  model.graph.replaceConstant(value, dense(new Tensor('float32', values, dims)));
}

test.each([
  [lenet300, 'fc1', 300, 784 * 296 + 296 * 100 + 1000],
  [lenet5, 'conv1', 20, 16 * 25 + 50 * 16 * 25 + 400_000 + 5000],
  [lenet5, 'conv2', 50, 500 + 46 * 500 + 46 * 16 * 500 + 5000],
  [lenet5, 'fc1', 500, 500 + 25_000 + 496 * 800 + 4960],
] as const)(
  '$title without four units of $1 that say nothing answers as before',
  async (network, layer, units, count) => {
    const { test: digits } = await loadMnist();
    const data = new DigitDataset(slice(digits, 'a few', 0, 8), network.input);
    const model = network.build(3);
    silence(model, `${layer}.weight`, [0, 3, 7, units - 1]);
    const small = narrow(model, network, { [layer]: units - 4 });
    expect(weightCount(small)).toBe(count);
    const [before, after] = [await answersOf(model, data), await answersOf(small, data)];
    for (const [i, score] of after.scores.entries()) expect(score).toBeCloseTo(before.scores[i] ?? 0, 4);
  },
);
