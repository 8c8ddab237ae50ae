import { defineOptions, type Options, option } from '@espalier/core';

export interface EqualizeOptions {
  /**
   * What a channel gets its fair share of. `weights`: of the ranges of weights, as in the paper, with no data. `all`: of all that one scale a tensor
   * has to hold, weights, biases and activations, which calibration data tell.
   */
  readonly ranges: 'weights' | 'all';
  /** Turns over all pairs of layers, at most; the last is the one that changes little. */
  readonly rounds: number;
  /**
   * Whether what a channel never falls below on calibration data is taken off it, and put into the biases of the layer behind: what is left
   * has a smaller range.
   */
  readonly absorbBiases: boolean;
  /**
   * What a Relu6 between two layers does, or another Clip from 0. `keep`: it ends the pair, and outputs stay as they were. `within`:
   * channels are scaled as far as they stay below the bound on calibration data. `replace`: it becomes a Relu.
   */
  readonly relu6: 'keep' | 'within' | 'replace';
  /** Calibration samples that are run, at most, where something is measured. */
  readonly samples: number;
}

export const equalizeOptions: Options<EqualizeOptions> = defineOptions<EqualizeOptions>({
  ranges: option.oneOf(['weights', 'all'], {
    default: 'weights',
    about:
      'What is evened out: weights, without data; or weights, biases and activations as calibration data have them.',
  }),
  rounds: option.integer({
    default: 20,
    min: 1,
    max: 1000,
    about: 'Turns over all pairs of layers, at most.',
  }),
  absorbBiases: option.boolean({
    default: false,
    about: 'What channels never fall below on calibration data goes into the biases of the layer behind.',
  }),
  relu6: option.oneOf(['keep', 'within', 'replace'], {
    default: 'keep',
    about:
      'A Relu6 ends a pair; or channels are scaled as far as calibration data stay below its bound; or it becomes a Relu.',
  }),
  samples: option.integer({
    default: 256,
    min: 1,
    about: 'Calibration samples that are run, at most, where something is measured.',
  }),
});
