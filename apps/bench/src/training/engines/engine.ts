import type { Batch, Task } from '../task.js';

/** Who takes part. */
export type TrainingEngine = 'espalier' | 'jax-js' | 'tfjs-wasm' | 'tfjs-cpu';

/** A network that one engine trains. */
export interface Training {
  /**
   * Takes batches from JavaScript's memory, and does one step on each, in any order.
   *
   * @returns the sum over the steps of the loss before each
   */
  train(batches: readonly Batch[]): Promise<number>;
  /** Bytes of all weights, buffers and activations, where the engine tells. */
  memoryBytes(): number | null;
  release(): void;
}

export type StartTraining = (task: Task) => Promise<Training>;
