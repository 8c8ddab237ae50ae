import type { Recipe } from '@espalier/core';

export const deepCompression: Recipe = {
  name: 'deep-compression',
  about: 'Prune, share weights, Huffman, as in Han et al. 2016, without retraining: 8x to 12x smaller.',
  steps: [
    'fuse',
    'fold-batch-norm',
    { pass: 'prune', options: { density: { Conv: 0.75, default: 0.5 } } },
    { pass: 'share-weights', options: { bits: { Conv: 6, default: 5 }, init: 'linear' } },
    'huffman',
  ],
};
