import { checkPlugin, runFixtures } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { foldBatchNorm } from '../src/index.js';

const executor = new RuntimeExecutor();

runFixtures(new URL('./fixtures/', import.meta.url), foldBatchNorm, { executor });

checkPlugin(foldBatchNorm, {
  executor,
  models: {
    'a norm behind a convolution': `input x: float32[1, 2, 5, 5]
constant w: float32[3, 2, 3, 3] = random(1)
constant s: float32[3] = random(2, 0.5, 1)
a = Conv(x, w)
y = BatchNormalization(a, s, s, s, s)
output y`,
    'no norm': 'input x: float32[1]\ny = Relu(x)\noutput y',
  },
});
