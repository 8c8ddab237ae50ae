import { Compressor, definePlugin, EXECUTOR } from '@espalier/core';
import { checkPlugin, expectSameOutputs, parseModel } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { expect, test } from 'vitest';
import { prune, removeDeadUnits } from '../src/index.js';

const executor = new RuntimeExecutor();
const runtime = definePlugin({
  id: 'runtime',
  register: (container) => container.register(EXECUTOR, { useValue: executor }),
});

/** Few weights are large, so that pruning leaves neurons without any. */
const network = parseModel(`
  input x: float32[1, 4, 6, 6]
  constant w1: float32[12, 4, 3, 3] = random(1)
  constant b1: float32[12] = random(2)
  a = Conv(x, w1, b1)
  r = Relu(a)
  p = MaxPool(r) { kernel_shape: [2, 2], strides: [2, 2] }
  constant w2: float32[10, 12, 1, 1] = random(3)
  b = Conv(p, w2)
  t = Tanh(b)
  f = Flatten(t)
  constant w3: float32[40, 20] = random(4)
  c = MatMul(f, w3)
  constant b3: float32[20] = random(5)
  d = Add(c, b3)
  s = Sigmoid(d)
  constant w4: float32[20, 3] = random(6)
  y = MatMul(s, w4)
  output y
`);

const compressor = new Compressor({ plugins: [prune, removeDeadUnits, runtime] });

for (const density of [0.02, 0.05, 0.2]) {
  test(`of a model pruned to ${density} nothing changes but its size`, async () => {
    const pruned = (await compressor.run(network, [prune({ density })])).model;
    const { model, report } = await compressor.run(pruned, [removeDeadUnits()]);
    await expectSameOutputs(pruned, model, executor, { tolerance: 1e-6 });
    const removed = report.passes[0]?.statistics['units.removed'] ?? 0;
    if (density < 0.1) expect(removed).toBeGreaterThan(8);
  });
}

const pruned = (await compressor.run(network, [prune({ density: 0.03 })])).model;

checkPlugin(removeDeadUnits, {
  models: { pruned, 'nothing dead': network },
  executor,
});
// Without anything that computes, fewer are known to be dead.
checkPlugin(removeDeadUnits, { models: { pruned } });
