import type { Workspace } from '@espalier/runtime/tape';
import type { NetworkInput } from '../network/network.js';

/** Words that change from step to step: the optimizer's, then what decides about dropout. */
const OPTIMIZER_WORDS = 4;

/** Kernel memory that a batch goes into and results come out of: at the same place in every step. */
export class StepBuffers {
  /** Most samples in a batch. */
  readonly capacity: number;
  /** Addresses. */
  readonly targets: number;
  readonly losses: number;
  readonly outputs: number;
  readonly words: number;
  readonly dropoutKey: number;
  readonly #inputs: ReadonlyMap<string, { readonly address: number; readonly size: number }>;
  readonly #heap: Workspace['heap'];
  readonly #width: number;

  /** @param width - numbers that the network gives for a sample */
  constructor({ heap }: Workspace, inputs: readonly NetworkInput[], width: number, capacity: number) {
    this.#heap = heap;
    this.#width = width;
    this.capacity = capacity;
    this.#inputs = new Map(
      inputs.map(({ name, size }) => [name, { address: heap.malloc(size * capacity * 4), size }]),
    );
    this.targets = heap.malloc(width * capacity * 4);
    this.outputs = heap.malloc(width * capacity * 4);
    this.losses = heap.malloc(capacity * 4);
    this.words = heap.malloc((OPTIMIZER_WORDS + 1) * 4);
    this.dropoutKey = this.words + OPTIMIZER_WORDS * 4;
  }

  inputOf(name: string): number {
    return this.#inputs.get(name)?.address ?? 0;
  }

  /** Where the samples of an input go, row-major. Views are good until memory grows. */
  inputView(name: string, count: number): Float32Array {
    const input = this.#inputs.get(name);
    return this.#heap.float32(input?.address ?? 0, (input?.size ?? 0) * count);
  }

  targetView(count: number): Float32Array {
    return this.#heap.float32(this.targets, this.#width * count);
  }

  outputView(count: number): Float32Array {
    return this.#heap.float32(this.outputs, this.#width * count);
  }

  lossView(count: number): Float32Array {
    return this.#heap.float32(this.losses, count);
  }

  /** Sets what the optimizer and dropout read in the next step. */
  setWords(optimizer: readonly number[], dropout: number): void {
    this.#heap.float32(this.words, OPTIMIZER_WORDS).set(optimizer);
    this.#heap.int32(this.dropoutKey, 1)[0] = dropout;
  }
}
