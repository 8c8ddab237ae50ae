import type { Recipe } from '@espalier/core';

/**
 * Without retraining a convolution bears little pruning: ResNet-20 keeps its accuracy with the weights
 * below a quarter of the standard deviation at zero, and loses 6 points at density 0.5
 * (docs/results/resnet20.md).
 */
export const deepCompression: Recipe = {
  name: 'deep-compression',
  about:
    'Light pruning, 5-bit shared weights, Huffman, as in Han et al. 2016 but without retraining: 7x smaller.',
  steps: [
    'fuse',
    'fold-batch-norm',
    { pass: 'prune', options: { by: 'deviation', quality: 0.25 } },
    { pass: 'share-weights', options: { bits: 5 } },
    'huffman',
  ],
};
