import { defineOptions, type Options, option } from '@espalier/core';

export interface EqualizeOptions {
  /** Turns over all pairs of layers, at most; the last is the one that changes little. */
  readonly rounds: number;
  /**
   * What a Relu6 between two layers does, or another Clip from 0. `keep`: it ends the pair, and outputs stay as they were. `within`:
   * channels are scaled as far as they stay below the bound on calibration data. `replace`: it becomes a Relu.
   */
  readonly relu6: 'keep' | 'within' | 'replace';
  /** Calibration samples that are run, at most, with `relu6: 'within'`. */
  readonly samples: number;
}

export const equalizeOptions: Options<EqualizeOptions> = defineOptions<EqualizeOptions>({
  rounds: option.integer({
    default: 20,
    min: 1,
    max: 1000,
    about: 'Turns over all pairs of layers, at most.',
  }),
  relu6: option.oneOf(['keep', 'within', 'replace'], {
    default: 'keep',
    about:
      'A Relu6 ends a pair; or channels are scaled as far as calibration data stay below its bound; or it becomes a Relu.',
  }),
  samples: option.integer({
    default: 256,
    min: 1,
    about: 'Calibration samples that are run, at most, with relu6 "within".',
  }),
});
