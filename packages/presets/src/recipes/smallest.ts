import type { Recipe } from '@espalier/core';

export const smallest: Recipe = {
  name: 'smallest',
  about: 'The fewest bytes that keep most of the accuracy without data: light pruning, 4- and 5-bit shared weights, Huffman.',
  steps: [
    'fuse',
    'fold-batch-norm',
    { pass: 'prune', options: { density: { Conv: 0.7, default: 0.4 } } },
    { pass: 'share-weights', options: { bits: { Conv: 5, default: 4 }, init: 'density' } },
    'huffman',
  ],
};
