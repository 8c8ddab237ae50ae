import { defineOptions, type Options, option, type PerOp } from '@espalier/core';
import { type RetrainOptions, retrainOptions } from './retrain-options.js';

export interface PruneOptions {
  /** What decides: a share of the weights, or the paper's threshold. */
  readonly by: 'density' | 'deviation';
  /** Fraction of weights kept in each tensor, one or one per op or layer. Unitless, 0 < density <= 1. */
  readonly density: PerOp<number>;
  /** The threshold in standard deviations of each tensor, one or one per op or layer; 0 prunes nothing. */
  readonly quality: PerOp<number>;
  /** Whether weights are ranked within their tensor or among all tensors. Only with `by: 'density'`. */
  readonly scope: 'layer' | 'global';
  /** How the model is trained while it is pruned, on the run's training data; null for not at all. */
  readonly retrain: RetrainOptions | null;
}

export const pruneOptions: Options<PruneOptions> = defineOptions<PruneOptions>({
  by: option.oneOf(['density', 'deviation'], {
    default: 'density',
    about: 'What decides how much is kept: a share of the weights, or quality x standard deviation.',
  }),
  density: option.perOp(
    option.number({
      default: 0.5,
      above: 0,
      max: 1,
      about: 'Share of the weights that is kept; 1 leaves a layer alone.',
    }),
  ),
  quality: option.perOp(
    option.number({
      default: 1,
      min: 0,
      about: 'Smallest magnitude kept, in standard deviations of the layer.',
    }),
  ),
  scope: option.oneOf(['layer', 'global'], {
    default: 'layer',
    about: 'Ranks weights within their layer, or all layers of a density below 1 together.',
  }),
  retrain: option.nullable(option.group(retrainOptions), {
    about: 'Trains the model while it is pruned, on the training data of the run.',
  }),
});
