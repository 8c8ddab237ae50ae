import { defineOptions, type Options, option, type PerOp } from '@espalier/core';

/** How samples are varied from epoch to epoch. */
export interface AugmentOptions {
  /** Images are moved by up to so many pixels in each direction. */
  readonly shift: number;
  /** Share of the images that are moved; 0 to 1. */
  readonly shiftShare: number;
  /** Whether half of the images are mirrored left to right. */
  readonly flip: boolean;
  /** Shape of an image, [channels, height, width], where the model takes it as a flat list. */
  readonly dims: readonly number[];
}

/** A training run as data: what the passes that train have in common. */
export interface TrainingOptions {
  readonly epochs: number;
  readonly learningRate: number;
  /** How the learning rate goes on. */
  readonly decay: 'cosine' | 'constant';
  readonly optimizer: 'adam' | 'sgd';
  readonly batchSize: number;
  /** What is learned: the labels, where there are some, or the answers of the model as it came into the run. */
  readonly loss: 'labels' | 'distillation';
  /** Softens the answers that distillation learns from; > 0, unitless. */
  readonly temperature: number;
  readonly l1: number;
  readonly l2: number;
  /** Share dropped of what a layer reads, one or one per op or layer; never of the model's inputs. */
  readonly dropout: PerOp<number>;
  readonly augment: AugmentOptions;
  /** Share of the training samples that are judged by, and not trained on. */
  readonly validation: number;
  readonly threads: number;
}

const augmentOptions: Options<AugmentOptions> = defineOptions<AugmentOptions>({
  shift: option.integer({
    default: 0,
    min: 0,
    about: 'Images are moved by up to so many pixels to each side, and up or down.',
  }),
  shiftShare: option.number({
    default: 1,
    min: 0,
    max: 1,
    about: 'Share of the images that are moved: a network of few weights learns as much of the others.',
  }),
  flip: option.boolean({ default: false, about: 'Half of the images are mirrored left to right.' }),
  dims: option.list(option.integer({ default: 1, min: 1 }), {
    default: [],
    about: 'Shape of an image, [channels, height, width], where the model takes a flat list.',
  }),
});

/** The table of `TrainingOptions`, for passes to build theirs from. */
export const trainingOptions: Options<TrainingOptions> = defineOptions<TrainingOptions>({
  epochs: option.integer({ default: 10, min: 1, about: 'How often all training samples are gone through.' }),
  learningRate: option.number({ default: 1e-3, above: 0, about: 'Step size of the optimizer.' }),
  decay: option.oneOf(['cosine', 'constant'], {
    default: 'cosine',
    about: 'The learning rate falls to a hundredth along half a cosine, or stays.',
  }),
  optimizer: option.oneOf(['adam', 'sgd'], { default: 'adam', about: 'Adam, or SGD with momentum 0.9.' }),
  batchSize: option.integer({ default: 64, min: 1, about: 'Samples in a step.' }),
  loss: option.oneOf(['labels', 'distillation'], {
    default: 'labels',
    about: 'Learns the labels where the data have some, or the answers of the model as it came into the run.',
  }),
  temperature: option.number({
    default: 1,
    above: 0,
    about:
      'Divides the scores of both models in distillation: above 1 it tells more of classes that are wrong.',
  }),
  l1: option.number({ default: 0, min: 0, about: 'Factor of the sum of magnitudes of weights in the loss.' }),
  l2: option.number({
    default: 0,
    min: 0,
    about: 'Factor of half the sum of squares of weights in the loss.',
  }),
  dropout: option.perOp(
    option.number({
      default: 0,
      min: 0,
      below: 1,
      about: 'Share dropped of what a layer reads, as for the dense network; not of the model’s inputs.',
    }),
  ),
  augment: option.group(augmentOptions, { about: 'How samples are varied from epoch to epoch.' }),
  validation: option.number({
    default: 0.05,
    min: 0,
    max: 0.5,
    about: 'Share of the training samples that are held out, to tell how it goes.',
  }),
  threads: option.integer({
    default: 1,
    min: 1,
    max: 32,
    about: 'Threads that train; the result does not depend on it.',
  }),
});
