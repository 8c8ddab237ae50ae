import { defineOptions, type Options, option, type PerOp } from '@espalier/core';
import type { Initialisation } from './initial-centroids.js';

export interface ShareWeightsOptions {
  /** log2 of the number of shared values, one or one per op or layer; 1..8. */
  readonly bits: PerOp<number>;
  /** Where k-means starts. */
  readonly init: Initialisation;
  /** One codebook for a tensor, or one for each of its output channels. */
  readonly granularity: 'tensor' | 'channel';
  /** Tensors of fewer elements are left alone. */
  readonly minElements: number;
}

export const shareWeightsOptions: Options<ShareWeightsOptions> = defineOptions<ShareWeightsOptions>({
  bits: option.perOp(
    option.integer({
      default: 6,
      min: 1,
      max: 8,
      about: 'log2 of the number of values that the weights of a tensor share.',
    }),
  ),
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
});
