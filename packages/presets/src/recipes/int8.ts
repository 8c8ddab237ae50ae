import type { Recipe } from '@espalier/core';

export const int8: Recipe = {
  name: 'int8',
  about:
    'Static int8 weights and activations, then Huffman: about 4x smaller, faster. Needs calibration data.',
  steps: ['fuse', 'fold-batch-norm', { pass: 'quantize', options: { mode: 'static' } }, 'huffman'],
};
