import type { Recipe } from '@espalier/core';

/**
 * Without retraining a convolution bears little pruning: ResNet-20 keeps its accuracy with the weights
 * below a quarter of the standard deviation at zero, and loses 6 points at density 0.5
 * (docs/results/resnet20.md). With it the densities are near those of the paper's networks: a third of the weights of
 * convolutions, a tenth of those of matrices (2016, tables 2 to 5).
 */
export const deepCompression: Recipe = {
  name: 'deep-compression',
  about:
    'Pruning, 5-bit shared weights, Huffman, as in Han et al. 2016: 7x smaller. With training data it prunes further and retrains.',
  steps: [
    'fuse',
    'fold-batch-norm',
    { pass: 'prune', unless: 'train', options: { by: 'deviation', quality: 0.25 } },
    { pass: 'prune', when: 'train', options: { density: { Conv: 0.4, Gemm: 0.1 }, retrain: {} } },
    { pass: 'share-weights', unless: 'train', options: { bits: 5 } },
    { pass: 'share-weights', when: 'train', options: { bits: 5, finetune: {} } },
    'huffman',
  ],
};
