import type { RowRange } from '@espalier/kernels';
import type { Workspace } from '@espalier/runtime/tape';
import type { Parameter } from '../network/parameter.js';
import type { Optimizer } from './optimizer.js';

/** Penalties on weights; biases and what else has one dimension have none. */
export interface Regularization {
  /** Factor of the sum of magnitudes. */
  readonly l1: number;
  /** Factor of half the sum of squares. */
  readonly l2: number;
}

/** An optimizer with what it keeps for each weight, in kernel memory. */
export class UpdateRule {
  readonly optimizer: Optimizer;
  readonly #heap: Workspace['heap'];
  readonly #words: number;
  readonly #regularization: Regularization;
  readonly #slots = new Map<Parameter, { readonly size: number; readonly addresses: readonly number[] }>();

  /** @param words - address of what changes from step to step */
  constructor(workspace: Workspace, optimizer: Optimizer, words: number, regularization: Regularization) {
    this.#heap = workspace.heap;
    this.optimizer = optimizer;
    this.#words = words;
    this.#regularization = regularization;
  }

  /** The call that updates some elements of what is trained: they do not depend on each other. */
  callFor(parameter: Parameter, { first, end }: RowRange): ReturnType<Optimizer['call']> {
    const { spec, trained } = parameter;
    const isWeight = spec.isPenalized && trained.size === parameter.size;
    const { l1, l2 } = isWeight ? this.#regularization : { l1: 0, l2: 0 };
    const from = (address: number): number => address + first * 4;
    return this.optimizer.call({
      size: end - first,
      values: from(trained.values),
      gradient: from(trained.gradient),
      mask: trained.mask === 0 ? 0 : from(trained.mask),
      slots: this.#slotsOf(parameter).map(from),
      words: this.#words,
      l1,
      l2,
    });
  }

  /** What is kept for a weight. */
  read(parameter: Parameter): readonly Float32Array[] {
    const { size } = parameter.trained;
    return this.#slotsOf(parameter).map((address) => this.#heap.float32(address, size).slice());
  }

  write(parameter: Parameter, slots: readonly Float32Array[]): void {
    for (const [index, address] of this.#slotsOf(parameter).entries()) {
      const values = slots[index];
      if (values !== undefined) this.#heap.float32(address, values.length).set(values);
    }
  }

  /** Forgets what is kept for all weights. */
  reset(): void {
    for (const { size, addresses } of this.#slots.values()) {
      for (const address of addresses) this.#heap.float32(address, size).fill(0);
    }
  }

  #slotsOf(parameter: Parameter): readonly number[] {
    const { size } = parameter.trained;
    const known = this.#slots.get(parameter);
    if (known?.size === size) return known.addresses;
    for (const address of known?.addresses ?? []) this.#heap.free(address);
    const zeros = new Float32Array(size);
    const addresses = Array.from({ length: this.optimizer.slots }, () => this.#heap.place(zeros));
    this.#slots.set(parameter, { size, addresses });
    return addresses;
  }
}
