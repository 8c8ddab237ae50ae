import type { Recipe } from '@espalier/core';

export const smallest: Recipe = {
  name: 'smallest',
  about:
    'Light pruning, 4-bit shared weights, arithmetic coding: 9x smaller, at about a point of accuracy. With training data it prunes further and retrains.',
  steps: [
    'fuse',
    'fold-batch-norm',
    { pass: 'prune', unless: 'train', options: { by: 'deviation', quality: 0.25 } },
    {
      pass: 'prune',
      when: 'train',
      // Relative to their layer: a last layer of a few hundred weights keeps most of them.
      options: { density: { Conv: 0.3, Gemm: 0.05 }, scope: 'lamp', retrain: { epochs: 20 } },
    },
    { pass: 'share-weights', unless: 'train', options: { bits: 4 } },
    { pass: 'share-weights', when: 'train', options: { bits: 4, finetune: {} } },
    'range-coder',
  ],
};
