import type { Feeds } from './executor.js';

/** Some samples, stacked along the first dimension of every feed. */
export interface Batch {
  readonly feeds: Feeds;
  /** Samples in this batch. */
  readonly count: number;
  /** The right class of each sample, where known. */
  readonly labels?: Int32Array;
}

/** Samples that are read a batch at a time, as often as wanted, in the same order each time. */
export interface Dataset {
  /** For messages: a file name, or what the data are. */
  readonly name: string;
  /** Samples in all. */
  readonly count: number;
  readonly labelled: boolean;
  /** @param limit - stop after that many samples */
  batches(batchSize: number, limit?: number): AsyncIterable<Batch>;
}

/** The data sets of a run, by role. */
export interface RunData {
  readonly train?: Dataset;
  /** Unlabelled inputs that activation ranges are measured on. */
  readonly calibration?: Dataset;
  /** Held-out samples that drift and accuracy are measured on. Never trained or calibrated on. */
  readonly holdout?: Dataset;
}
