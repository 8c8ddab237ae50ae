export { FOLD_BATCH_NORM, FoldBatchNormPass } from './fold-batch-norm-pass.js';
export { type FoldBatchNormOptions, foldBatchNormOptions } from './options.js';
export { foldBatchNorm } from './plugin.js';
