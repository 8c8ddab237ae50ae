import { defineOptions, type Options, option } from '@espalier/core';

export interface FoldBatchNormOptions {
  /** The neighbour that a norm may be folded into: the layer before it, the one behind it, or either. */
  readonly into: 'both' | 'before' | 'behind';
}

export const foldBatchNormOptions: Options<FoldBatchNormOptions> = defineOptions<FoldBatchNormOptions>({
  into: option.oneOf(['both', 'before', 'behind'], {
    default: 'both',
    about: 'The neighbour a norm may go into: the layer before it, the one behind it, or either.',
  }),
});
