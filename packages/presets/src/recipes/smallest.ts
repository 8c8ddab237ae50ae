import type { Recipe } from '@espalier/core';

export const smallest: Recipe = {
  name: 'smallest',
  about:
    'The fewest bytes that keep most of the accuracy without data: light pruning, 4-bit shared weights, Huffman.',
  steps: [
    'fuse',
    'fold-batch-norm',
    { pass: 'prune', options: { density: { Conv: 0.9, default: 0.4 } } },
    { pass: 'share-weights', options: { bits: 4, init: 'linear' } },
    'huffman',
  ],
};
