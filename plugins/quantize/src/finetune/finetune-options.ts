import { defineOptions, type Options, option } from '@espalier/core';
import { type Ranges, type TrainingOptions, trainingOptions } from '@espalier/train/options';

/** How a quantized model is trained. */
export interface FinetuneOptions extends TrainingOptions {
  /** Whether scales are trained with the weights, those of activations follow their extremes, or all stay. */
  readonly ranges: Ranges;
}

/** Few epochs: it starts where calibration ended. */
export const finetuneOptions: Options<FinetuneOptions> = defineOptions<FinetuneOptions>({
  ...trainingOptions.table,
  epochs: option.integer({ default: 3, min: 1, about: 'How often all training samples are gone through.' }),
  learningRate: option.number({ default: 3e-4, above: 0, about: 'Step size of the optimizer.' }),
  ranges: option.oneOf(['learned', 'moving-average', 'fixed'], {
    default: 'learned',
    about:
      'Scales are trained with the weights, those of activations follow the extremes of batches, or all stay.',
  }),
});
