export { type AugmentOptions, type TrainingOptions, trainingOptions } from './pass/training-options.js';
export type { Ranges } from './quantization/network-grids.js';
