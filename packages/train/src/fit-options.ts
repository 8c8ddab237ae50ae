import type { Augment } from './data/augment.js';
import type { Schedule } from './optimizer/schedule.js';

/** How well a network does on samples. */
export interface Evaluation {
  /** Mean over the samples. */
  readonly loss: number;
  /** Fraction of samples whose largest output is that of their class; null where they have no classes. */
  readonly accuracy: number | null;
  readonly count: number;
}

/** What is told of a run while it goes on. */
export interface TrainingProgress {
  /** Steps done, of all epochs. */
  readonly step: number;
  readonly steps: number;
  /** Epochs done. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean loss of this epoch so far. */
  readonly loss: number;
  /** Fraction of the samples of this epoch so far that were right when they were trained on; null where they have no classes. */
  readonly accuracy: number | null;
  readonly learningRate: number;
}

export interface FitOptions {
  /** How often all samples are trained on. */
  readonly epochs: number;
  /** Default: the learning rate stays. */
  readonly schedule?: Schedule;
  /** Changes the samples of each batch before it is trained on. */
  readonly augment?: Augment;
  /** Ends the run between two steps with an AbortedError; what was learned so far stays. */
  readonly signal?: AbortSignal;
  /** Called after each epoch, and in between as `progressEvery` says. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Steps between two calls of `onProgress` within an epoch. Default: none. */
  readonly progressEvery?: number;
  /** Called after each epoch and waited for: the place to evaluate, to change masks, to keep a checkpoint. */
  readonly onEpoch?: (progress: TrainingProgress) => void | Promise<void>;
}
