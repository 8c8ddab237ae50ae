import { defineOptions, type Options, option } from '@espalier/core';
import { type TrainingOptions, trainingOptions } from '@espalier/train/options';

/** How a model is trained while it is pruned. */
export interface RetrainOptions extends TrainingOptions {
  /** How the density falls: at once, in rounds with retraining in between, or from epoch to epoch. */
  readonly schedule: 'once' | 'iterative' | 'gradual';
  /** Rounds of `schedule: 'iterative'`. */
  readonly rounds: number;
  /** Share of the epochs over which `gradual` prunes and `surgery` lets weights return; the rest trains what is left. */
  readonly ramp: number;
  /** Whether weights that were pruned may come back. */
  readonly surgery: boolean;
}

export const retrainOptions: Options<RetrainOptions> = defineOptions<RetrainOptions>({
  ...trainingOptions.table,
  schedule: option.oneOf(['gradual', 'iterative', 'once'], {
    default: 'gradual',
    about: 'The density falls from epoch to epoch, in rounds with retraining in between, or at once.',
  }),
  rounds: option.integer({ default: 4, min: 1, about: 'Rounds with schedule "iterative".' }),
  ramp: option.number({
    default: 0.6,
    min: 0,
    max: 1,
    about: 'Share of the epochs over which "gradual" prunes and surgery lets weights come back.',
  }),
  surgery: option.boolean({
    default: false,
    about: 'Goes on training pruned weights behind the mask, so that they may come back.',
  }),
});
