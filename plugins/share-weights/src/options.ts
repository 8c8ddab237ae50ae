import { defineOptions, type Options, option, type PerOp } from '@espalier/core';
import { type TrainingOptions, trainingOptions } from '@espalier/train/options';
import { type BudgetOptions, budgetOptions } from './budget-options.js';
import type { Initialisation } from './initial-centroids.js';

export interface ShareWeightsOptions {
  /** log2 of the number of shared values, one or one per op or layer; 1..8. */
  readonly bits: PerOp<number>;
  /** Under what the bits of layers that `bits` does not name are chosen; null for not at all. */
  readonly budget: BudgetOptions | null;
  /** How much a bit of code length counts beside the squared error, >= 0; 0 is plain k-means. Unitless. */
  readonly entropy: number;
  /** Where k-means starts. */
  readonly init: Initialisation;
  /** One codebook for a tensor, or one for each of its output channels. */
  readonly granularity: 'tensor' | 'channel';
  /** Tensors of fewer elements are left alone. */
  readonly minElements: number;
  /** log2 of the number of shared values of each layer's biases, 1..8; 0 leaves biases as they are. */
  readonly biasBits: number;
  /** How the shared values are held. */
  readonly centroids: 'float32' | 'float16';
  /** How the shared values are trained, on the run's training data; null for not at all. */
  readonly finetune: TrainingOptions | null;
}

/** Few epochs: there are few values to train, and they start near where they end. */
const finetuneOptions: Options<TrainingOptions> = defineOptions<TrainingOptions>({
  ...trainingOptions.table,
  epochs: option.integer({ default: 3, min: 1, about: 'How often all training samples are gone through.' }),
  learningRate: option.number({ default: 3e-4, above: 0, about: 'Step size of the optimizer.' }),
});

export const shareWeightsOptions: Options<ShareWeightsOptions> = defineOptions<ShareWeightsOptions>({
  bits: option.perOp(
    option.integer({
      default: 6,
      min: 1,
      max: 8,
      about: 'log2 of the number of values that the weights of a tensor share.',
    }),
  ),
  budget: option.nullable(option.group(budgetOptions), {
    about:
      'Chooses the bits of each layer, but of those that an object of bits names, under a limit for all.',
  }),
  entropy: option.number({
    default: 0,
    min: 0,
    about:
      'How much the bits of a coder behind count when weights get their values: 0 not at all, 1 as much as the error.',
  }),
  init: option.oneOf(['linear', 'density', 'random'], {
    default: 'linear',
    about: 'First centroids: evenly spaced, evenly spaced in rank, or some of the weights.',
  }),
  granularity: option.oneOf(['tensor', 'channel'], {
    default: 'tensor',
    about: 'One codebook for each tensor, or one for each output channel: 4 bytes a value more.',
  }),
  minElements: option.integer({
    default: 64,
    min: 1,
    about: 'Weights of fewer elements are left as they are.',
  }),
  biasBits: option.integer({
    default: 0,
    min: 0,
    max: 8,
    about: 'log2 of the number of values that the biases of a layer share; 0 leaves them as they are.',
  }),
  centroids: option.oneOf(['float32', 'float16'], {
    default: 'float32',
    about: 'Shared values are rounded to this type: float16 takes 2 bytes a value less.',
  }),
  finetune: option.nullable(option.group(finetuneOptions), {
    about: 'Trains the shared values, and what is not shared, on the training data of the run.',
  }),
});
