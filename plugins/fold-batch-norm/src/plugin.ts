import { definePassPlugin, PASS, type PassPlugin } from '@espalier/core';
import { FOLD_BATCH_NORM, FoldBatchNormPass } from './fold-batch-norm-pass.js';
import { type FoldBatchNormOptions, foldBatchNormOptions } from './options.js';

/** Batch norm folding. `plugins: [foldBatchNorm]` installs it, `foldBatchNorm()` is one step. */
export const foldBatchNorm: PassPlugin<FoldBatchNormOptions> = definePassPlugin({
  id: FOLD_BATCH_NORM,
  about: 'Folds batch normalization into the weights of the layer beside it.',
  options: foldBatchNormOptions,
  register(container) {
    container.register(PASS, { useFactory: () => new FoldBatchNormPass() });
  },
});
