import { defineOptions, type Options, option, type PerOp } from '@espalier/core';
import { type TrainingOptions, trainingOptions } from '@espalier/train/options';

/** How a model is trained once it is narrower. */
export interface ChannelRetrainOptions extends TrainingOptions {
  /** In how many steps channels go; the epochs are shared out between them. */
  readonly rounds: number;
}

export interface PruneChannelsOptions {
  /** Share of the channels that a layer keeps, one or one per op or layer. 0 < density <= 1. */
  readonly density: PerOp<number>;
  /** What channels are ranked by. */
  readonly by: 'norm' | 'scale';
  /** Whether channels are ranked within their layer or among all layers. */
  readonly scope: 'layer' | 'global';
  /** Layers keep a multiple of so many channels. */
  readonly multipleOf: number;
  /** How the model is trained afterwards, on the run's training data; null for not at all. */
  readonly retrain: ChannelRetrainOptions | null;
}

const channelRetrainOptions: Options<ChannelRetrainOptions> = defineOptions<ChannelRetrainOptions>({
  ...trainingOptions.table,
  rounds: option.integer({
    default: 1,
    min: 1,
    about: 'In how many steps channels go; the epochs are shared out between them.',
  }),
});

export const pruneChannelsOptions: Options<PruneChannelsOptions> = defineOptions<PruneChannelsOptions>({
  density: option.perOp(
    option.number({
      default: 0.5,
      above: 0,
      max: 1,
      about: 'Share of the channels that a layer keeps; 1 leaves a layer alone.',
    }),
  ),
  by: option.oneOf(['norm', 'scale'], {
    default: 'norm',
    about: 'What channels are ranked by: norms of weights, or factors of batch normalizations.',
  }),
  scope: option.oneOf(['layer', 'global'], {
    default: 'layer',
    about: 'Ranks channels within their layer, or those of all layers of a density below 1 together.',
  }),
  multipleOf: option.integer({
    default: 1,
    min: 1,
    about: 'Layers keep a multiple of so many channels, with scope "layer".',
  }),
  retrain: option.nullable(option.group(channelRetrainOptions), {
    about: 'Trains the narrower model, on the training data of the run.',
  }),
});
