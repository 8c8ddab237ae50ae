import { checkPlugin } from '@espalier/plugin-kit';
import { quantize } from '../src/index.js';
import { runtime, samples } from './support/samples.js';

const models = {
  'a small network': `
    input x: float32[1, 3, 6, 6]
    constant w: float32[4, 3, 3, 3] = random(1)
    constant b: float32[4] = random(2)
    h = Conv(x, w, b) { pads: [1, 1, 1, 1] }
    r = Relu(h)
    p = MaxPool(r) { kernel_shape: [2, 2], strides: [2, 2] }
    f = Flatten(p)
    constant m: float32[36, 20] = random(4)
    s = MatMul(f, m)
    y = Softmax(s)
    output y
  `,
};

checkPlugin(quantize, {
  models,
  plugins: [runtime],
  data: { calibration: samples([1, 3, 6, 6]) },
  options: [
    {},
    { observer: 'percentile', outputs: 'float32' },
    { mode: 'weight-only', bits: 4, groupSize: 8, rounding: 'adaptive', correctBias: true },
    { mode: 'float16' },
  ],
});
