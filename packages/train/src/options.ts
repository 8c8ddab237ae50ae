export { type AugmentOptions, type TrainingOptions, trainingOptions } from './pass/training-options.js';
