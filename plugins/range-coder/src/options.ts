import { defineOptions, type Options, option } from '@espalier/core';

export interface RangeCoderOptions {
  /** Whether float32 constants and centroids are coded too. */
  readonly floats: boolean;
}

export const rangeCoderOptions: Options<RangeCoderOptions> = defineOptions<RangeCoderOptions>({
  floats: option.boolean({
    default: true,
    about: 'Codes centroids, biases and other float32 constants of at most 65,536 elements too, bit for bit.',
  }),
});
