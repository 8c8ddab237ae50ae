import { defineOptions, type Options, option, type PerOp } from '@espalier/core';
import { patternOption } from './pattern.js';
import { type RetrainOptions, retrainOptions } from './retrain-options.js';

export interface PruneOptions {
  /** What decides: a share of the weights, the paper's threshold, or what pruning each layer costs. */
  readonly by: 'density' | 'deviation' | 'sensitivity';
  /** Fraction of weights kept in each tensor, one or one per op or layer. Unitless, 0 < density <= 1. */
  readonly density: PerOp<number>;
  /** The threshold in standard deviations of each tensor, one or one per op or layer; 0 prunes nothing. */
  readonly quality: PerOp<number>;
  /** Whether weights are ranked within their tensor or among all, by magnitude or relative to their tensor. Only with `by: 'density'`. */
  readonly scope: 'layer' | 'global' | 'lamp';
  /** Of every M weights along the inputs N stay: "N:M"; null for no pattern. Layers of density 1 are left alone. */
  readonly pattern: string | null;
  /**
   * With `by: 'sensitivity'`: share of the samples that may no longer be answered right, before retraining; as few weights are
   * kept as that allows. null keeps `density` of all weights.
   */
  readonly accuracyDrop: number | null;
  /** With `by: 'sensitivity'`: how many samples the model is tried on with each layer pruned. */
  readonly samples: number;
  /** How the model is trained while it is pruned, on the run's training data; null for not at all. */
  readonly retrain: RetrainOptions | null;
}

export const pruneOptions: Options<PruneOptions> = defineOptions<PruneOptions>({
  by: option.oneOf(['density', 'deviation', 'sensitivity'], {
    default: 'density',
    about:
      'What decides how much is kept: a share of the weights, quality x standard deviation, or what pruning a layer alone costs.',
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
  scope: option.oneOf(['layer', 'global', 'lamp'], {
    default: 'layer',
    about:
      'Ranks weights within their layer, or all layers of a density below 1 together, by magnitude or relative to their layer.',
  }),
  pattern: option.nullable(patternOption),
  accuracyDrop: option.nullable(
    option.number({
      default: 0.01,
      min: 0,
      max: 1,
      about:
        'By sensitivity: share of samples that may be lost before retraining; null keeps density of all.',
    }),
  ),
  samples: option.integer({
    default: 64,
    min: 1,
    about: 'By sensitivity: samples that the model is tried on with each layer pruned.',
  }),
  retrain: option.nullable(option.group(retrainOptions), {
    about: 'Trains the model while it is pruned, on the training data of the run.',
  }),
});
