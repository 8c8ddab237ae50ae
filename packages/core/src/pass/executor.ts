import type { Model } from '../ir/model.js';
import type { Node, Value } from '../ir/node.js';
import type { Tensor } from '../tensor/tensor.js';

/** Named tensors: what a model is fed, and what it hands out. */
export type Feeds = Readonly<Record<string, Tensor>>;

/** Sees every activation of a run, as reals (dequantized where the value is quantized). */
export type Observe = (value: Value, tensor: Tensor) => void;

/** What a run takes on this machine, in milliseconds. */
export interface RunTimes {
  /** The whole: inputs, steps and outputs. */
  readonly ms: number;
  /** Of each step, by the name of the value that it ends with. A step may compute several nodes. */
  readonly steps: ReadonlyMap<string, number>;
}

/** A run whose activations are kept: what follows from other ones is computed without all that comes before them. */
export interface HeldRun {
  /** As they were. */
  readonly outputs: Feeds;
  /** An activation as it was; null for what was not asked for, and for codes. */
  value(name: string): Tensor | null;
  /**
   * The outputs where one activation is another; null where that can't be told. Activations from the last to the first are
   * the cheapest order.
   */
  outputsWith(name: string, tensor: Tensor): Feeds | null;
  release(): void;
}

/** A model made ready to run. */
export interface Execution {
  /**
   * @param observe - called for each node output, in order of execution; slower than without
   * @param wanted - names of the values that are observed; all where it is left out
   */
  run(feeds: Feeds, observe?: Observe, wanted?: ReadonlySet<string>): Promise<Feeds>;
  /**
   * Runs it so many times, step by step, with a clock in hand. Absent where an executor can't tell its steps apart.
   *
   * @returns means of the runs
   */
  time?(feeds: Feeds, runs: number): Promise<RunTimes>;
  /**
   * Runs it and keeps the activations of these names, and all between. Good until the next run of the execution; null where
   * there is no memory for so many. Absent where an executor can't.
   */
  hold?(feeds: Feeds, wanted: ReadonlySet<string>): Promise<HeldRun | null>;
  /** Frees what the execution holds. */
  dispose(): void;
}

/**
 * Runs models, for passes that calibrate, fold constants or measure. `@espalier/runtime` has one;
 * core itself can't run anything.
 */
export interface Executor {
  /** @throws {UnsupportedError} naming the first node that can't run, and why */
  prepare(model: Model): Promise<Execution>;
  /** One node over constant inputs; null where the operator can't be evaluated. */
  evaluate(node: Node, inputs: readonly (Tensor | null)[]): readonly (Tensor | null)[] | null;
}
