import { definePlugin, EXECUTOR } from '@espalier/core';
import { checkPlugin, runFixtures } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { fuse } from '../src/index.js';

const executor = new RuntimeExecutor();
const runtime = definePlugin({
  id: 'runtime',
  register: (container) => container.register(EXECUTOR, { useValue: executor }),
});

runFixtures(new URL('./fixtures/', import.meta.url), fuse, { plugins: [runtime], executor });

checkPlugin(fuse, {
  executor,
  models: {
    'a swish behind a scaled convolution': `input x: float32[1, 2, 5, 5]
constant w: float32[3, 2, 3, 3] = random(1)
constant s: float32[1] = [1.5]
a = Conv(x, w)
b = Mul(a, s)
c = Sigmoid(b)
y = Mul(b, c)
output y`,
    'nothing to do': 'input x: float32[1]\ny = Relu(x)\noutput y',
  },
});
