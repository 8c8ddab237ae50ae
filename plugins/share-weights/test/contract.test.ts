import { checkPlugin } from '@espalier/plugin-kit';
import { shareWeights } from '../src/index.js';

const models = {
  'a small network': `
    input x: float32[1, 3, 6, 6]
    constant w: float32[4, 3, 3, 3] = random(1)
    constant b: float32[4] = random(2)
    h = Conv(x, w, b) { pads: [1, 1, 1, 1] }
    f = Flatten(h)
    constant m: float32[144, 2] = random(4)
    y = MatMul(f, m)
    output y
  `,
  'shared and sparse weights': `
    input x: float32[1, 8]
    constant w: float32[8, 8] = codebook(indices: packed) random(1)
    constant v: float32[8, 8] = sparse(gaps: packed) random(2)
    h = MatMul(x, w)
    y = MatMul(h, v)
    output y
  `,
};

checkPlugin(shareWeights, {
  models,
  options: [
    {},
    { bits: 3, granularity: 'channel', init: 'random', biasBits: 2, centroids: 'float16', minElements: 1 },
    { bits: 2, finetune: { epochs: 1 } },
  ],
});
