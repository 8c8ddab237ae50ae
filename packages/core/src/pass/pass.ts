import type { Model } from '../ir/model.js';
import type { ReportTable } from '../report/report.js';
import type { Analysis } from './analysis.js';
import type { RunData } from './dataset.js';
import type { Logger } from './logger.js';
import type { Random } from './random.js';

/** One compression or simplification idea: graph in, graph out. */
export interface Pass<O = unknown> {
  /** The id of its plugin: `fold-batch-norm`. */
  readonly name: string;
  /** `exact`: outputs stay as they were but for float rounding. `lossy`: drift is reported. */
  readonly effect: 'exact' | 'lossy';
  /** The effect under these options, where some of them cost exactness; `effect` where it is not said. */
  effectOf?(options: Readonly<O>): 'exact' | 'lossy';
  /** Passes that must have run before this one, where both are in a pipeline. */
  readonly after?: readonly string[];
  /** Passes that must run later. */
  readonly before?: readonly string[];
  /** Passes that can't be in one pipeline with this one. */
  readonly conflictsWith?: readonly string[];
  /** Invariants that hold once it has changed a model: `sparsity`, `codebook`, … */
  readonly establishes?: readonly string[];
  /** Invariants that it says to keep. They are checked all the same. */
  readonly preserves?: readonly string[];
  /** Invariants it can't keep: it is refused after a pass that established one. */
  readonly breaks?: readonly string[];
  /** Roles of data that it can't do without under these options. Asked before anything runs. */
  requires?(options: Readonly<O>): readonly (keyof RunData)[];
  /**
   * How the work of a run grows with the number of weights under these options: `linear` where it is not said,
   * which n log n counts as. The contract tests of plugin-kit hold a pass to it.
   */
  cost?(options: Readonly<O>): 'linear' | 'quadratic';
  /**
   * Changes the model, which is its own to change: the caller's is untouched if it throws.
   * Checks come before changes.
   */
  run(model: Model, context: PassContext<O>): PassResult | Promise<PassResult>;
}

export interface PassResult {
  /** false is a promise that the graph is the same. */
  readonly modified: boolean;
}

/** What a run hands to a pass. */
export interface PassContext<O = unknown> {
  readonly options: Readonly<O>;
  readonly data: RunData;
  /** The model as it came into the run, for comparison; not to be changed. */
  readonly original: Model;
  /** A stream of its own, made from the run's seed and the pass's place. */
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Adds to a statistic of the report: `weights.zeroed`. What stays at 0 is not listed. */
  count(statistic: string, by: number): void;
  /** Puts a table into the report. */
  table(table: ReportTable): void;
  /** Bytes of the whole file of a model as it is, as the report counts them. */
  measure(model: Model): number;
  /**
   * Tells how far the pass is, and lets others have a turn. Await it in long loops.
   *
   * @throws {AbortedError} when the run was cancelled
   */
  progress(done: number, total: number, what?: string): Promise<void>;
  /** The result of an analysis of the model as it is now; computed once until a pass changes it. */
  analyze<T>(analysis: Analysis<T>): Promise<T>;
}
