import type { Recipe } from '@espalier/core';

export const float16: Recipe = {
  name: 'float16',
  about: 'Weights in half precision: 2x smaller, outputs all but equal. Needs no data.',
  steps: ['fuse', 'fold-batch-norm', { pass: 'quantize', options: { mode: 'float16' } }, 'huffman'],
};
