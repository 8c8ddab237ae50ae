import type { Tensor } from '@espalier/core';
import { runFixtures } from '@espalier/plugin-kit';
import { rangeCoded, rangeCodedFloats, rangeCoder } from '../src/index.js';

runFixtures(new URL('./fixtures/', import.meta.url), rangeCoder, {
  leaves: {
    'range-coder': (tensor) =>
      tensor.type === 'float32'
        ? rangeCodedFloats(tensor as Tensor<'float32'>)
        : rangeCoded(tensor as Tensor<'uint8'>),
  },
});
