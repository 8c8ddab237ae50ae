import { DataError } from '@espalier/core';
import type { KernelName } from '@espalier/kernels';
import type { Layout, Workspace } from '@espalier/runtime/tape';
import type { Grid } from '../quantization/grid.js';
import type { GridShape } from '../quantization/grid-shape.js';
import { WeightCodes } from '../quantization/weight-codes.js';
import { type Constraint, checkConstraint } from './constraint.js';
import type { FixedCall } from './fixed-call.js';
import { fromLayout, toLayout } from './memory-layout.js';

/** What an optimizer changes: addresses of `size` float32 each. */
export interface Trained {
  readonly size: number;
  readonly values: number;
  readonly gradient: number;
  /** Words, all ones or 0; address 0 where there are none. */
  readonly mask: number;
}

/** A weight of the network. */
export interface ParameterSpec {
  readonly name: string;
  readonly dims: readonly number[];
  /** The order of the elements in memory. */
  readonly layout: Layout;
  readonly isTrainable: boolean;
  /** Whether running the network in training changes it. */
  readonly isState: boolean;
  /** Whether L1 and L2 act on it. */
  readonly isPenalized: boolean;
}

/** The grid that a weight's values are held on, and how its elements lie in memory. */
export interface GridOfWeight {
  readonly grid: Grid;
  readonly shape: GridShape;
}

/**
 * A weight in kernel memory. Kernels read `effective` and write `gradient`; the optimizer changes what `trained` says. The
 * two differ where something stands between them: a grid that values are rounded to, then a constraint, which is shared
 * weights or a mask that weights may come back from.
 */
export class Parameter {
  readonly spec: ParameterSpec;
  readonly size: number;
  /** Address of the values that the network computes with. */
  readonly effective: number;
  /** Address of the gradient of the loss by each of them; 0 where it is not trained. */
  readonly gradient: number;
  readonly grid: Grid | null;
  readonly #workspace: Workspace;
  readonly #heap: Workspace['heap'];
  readonly #shape: GridShape | null;
  #constraint: Constraint | null = null;
  #trained: Trained;
  /** Rounds what is trained; null where it has no grid. */
  #codes: WeightCodes | null = null;
  /** Address of the words of a revivable mask, or of the uint16 index of each element. */
  #link = 0;
  /** What the constraint has allocated. */
  #owned: number[] = [];

  constructor(
    workspace: Workspace,
    spec: ParameterSpec,
    values: Float32Array,
    held: GridOfWeight | null = null,
  ) {
    this.spec = spec;
    this.size = values.length;
    this.grid = held?.grid ?? null;
    this.#shape = held?.shape ?? null;
    this.#workspace = workspace;
    this.#heap = workspace.heap;
    this.effective = this.#heap.place(toLayout(values, spec.dims, spec.layout));
    this.gradient = spec.isTrainable ? this.#heap.place(new Float32Array(this.size)) : 0;
    this.#trained = this.#itself();
    if (held !== null) this.constrain(null);
  }

  get name(): string {
    return this.spec.name;
  }

  get constraint(): Constraint | null {
    return this.#constraint;
  }

  get trained(): Trained {
    return this.#trained;
  }

  /** Calls that make `effective` from what is trained, before a network runs. */
  get prepare(): readonly FixedCall[] {
    const { size, effective } = this;
    const { values } = this.#trained;
    const rounded = this.#codes?.rounded ?? values;
    return [
      ...(this.#codes?.prepare ?? []),
      ...(this.#link === 0
        ? []
        : [
            this.#isShared
              ? ({ kernel: 'fromClustersF32', args: [size, this.#link, rounded, effective] } as const)
              : ({ kernel: 'maskF32', args: [size, rounded, this.#link, effective] } as const),
          ]),
    ];
  }

  /** Calls that make the gradient of what is trained from `gradient`, after the backward pass; that of its scales too. */
  get collect(): readonly FixedCall[] {
    const { size, gradient } = this.#trained;
    const sums: readonly FixedCall[] =
      gradient === this.gradient
        ? []
        : [{ kernel: 'clusterSumF32', args: [this.size, this.#link, this.gradient, size, gradient] }];
    return [...sums, ...(this.#codes?.collect ?? [])];
  }

  /**
   * Puts a constraint in the place of the one there is; null for none. Weights keep their values where the new one allows
   * it: pruned ones become zero, shared ones what their centroid is, and what was behind a revivable mask comes back.
   *
   * @throws {DataError} when it does not fit the weight
   */
  constrain(constraint: Constraint | null): void {
    if (constraint !== null) checkConstraint(this.name, this.size, constraint);
    this.#checkGrid(constraint);
    const before = this.#isShared ? this.read() : this.readTrained();
    for (const address of this.#owned.splice(0)) this.#heap.free(address);
    this.#constraint = constraint;
    this.#trained = this.#itself();
    this.#link = 0;
    if (constraint === null) this.#put(this.effective, before);
    else if ('indices' in constraint) this.#share(constraint.indices, constraint.centroids, constraint.zero);
    else this.#mask(constraint.mask, constraint.revivable === true, before);
    this.#round();
  }

  /** The values the network computes with, row-major. */
  read(): Float32Array {
    const constraint = this.#constraint;
    if (this.#codes !== null) return this.#readRounded(this.#codes);
    const trained = this.readTrained();
    // Not what is at `effective`: that is made when a network runs, and older than the last update.
    if (constraint === null) return trained;
    return 'indices' in constraint ? lookedUp(constraint.indices, trained) : masked(trained, constraint.mask);
  }

  /** What is trained: row-major, with what is behind a revivable mask; or the centroids where weights are shared. */
  readTrained(): Float32Array {
    const { values, size } = this.#trained;
    return this.#isShared ? this.#heap.float32(values, size).slice() : this.#get(values);
  }

  /** The gradient of the last step by the values the network computes with, row-major. */
  readGradient(): Float32Array {
    return this.#get(this.gradient);
  }

  /** Puts other values in the place of what is trained, as `readTrained` gives them. */
  writeTrained(values: Float32Array): void {
    const constraint = this.#constraint;
    if (constraint === null) {
      this.#put(this.#trained.values, values);
    } else if ('indices' in constraint) {
      this.#heap.float32(this.#trained.values, values.length).set(values);
      this.#put(this.effective, lookedUp(constraint.indices, values));
    } else {
      const kept = masked(values, constraint.mask);
      this.#put(this.#trained.values, constraint.revivable === true ? values : kept);
      this.#put(this.effective, kept);
    }
  }

  get #isShared(): boolean {
    return this.#constraint !== null && 'indices' in this.#constraint;
  }

  /** Trained without anything in between. */
  #itself(): Trained {
    return { size: this.size, values: this.effective, gradient: this.gradient, mask: 0 };
  }

  /** Puts the grid between what is trained and what stands behind it. */
  #round(): void {
    const [{ grid }, shape] = [this, this.#shape];
    this.#codes = null;
    if (grid === null || shape === null) return;
    const { size, values, gradient } = this.#trained;
    // Values of their own, which the optimizer moves by less than a code.
    const isOwn = values !== this.effective;
    const reals = isOwn ? values : this.#own(this.#heap.float32(values, size).slice());
    this.#trained = { ...this.#trained, values: reals };
    this.#codes = new WeightCodes(grid, this.#isShared ? { outer: 1, slices: 1, inner: size } : shape, {
      ...{ reals, gradient, room: (floats) => this.#own(new Float32Array(floats)) },
      // With nothing behind them, they are what the network computes with.
      rounded: this.#link === 0 ? this.effective : null,
    });
  }

  #readRounded({ grid }: WeightCodes): Float32Array {
    grid.refresh();
    // The workspace has all kernels of this binary; its type knows those that run models only.
    for (const { kernel, args } of this.prepare) this.#workspace.callNow(kernel as KernelName, args);
    return this.#get(this.effective);
  }

  #checkGrid(constraint: Constraint | null): void {
    if (this.grid === null || this.grid.slices === 1 || constraint === null || 'mask' in constraint) return;
    throw new DataError({
      what: `Weights that share values have one scale, and this one has ${this.grid.slices}.`,
      where: `weight "${this.name}"`,
      fix: 'Quantize it with granularity "tensor".',
    });
  }

  #mask(mask: Uint8Array, isRevivable: boolean, before: Float32Array): void {
    const words = Int32Array.from(this.#ordered(mask), (one) => (one === 0 ? 0 : -1));
    const address = this.#own(words);
    if (isRevivable) {
      this.#link = address;
      const values = this.#own(toLayout(before, this.spec.dims, this.spec.layout));
      this.#trained = { ...this.#trained, values };
    } else {
      this.#trained = { ...this.#trained, mask: address };
    }
    this.#put(this.effective, masked(before, mask));
  }

  #share(indices: Uint8Array | Uint16Array, centroids: Float32Array, zero: number | undefined): void {
    const values = centroids.slice();
    if (zero !== undefined) values[zero] = 0;
    this.#link = this.#own(Uint16Array.from(this.#ordered(indices)));
    const mask = Int32Array.from(values, (_, index) => (index === zero ? 0 : -1));
    this.#trained = {
      size: values.length,
      values: this.#own(values),
      gradient: this.#own(new Float32Array(values.length)),
      mask: zero === undefined ? 0 : this.#own(mask),
    };
    this.#put(this.effective, lookedUp(indices, values));
  }

  #ordered(data: Uint8Array | Uint16Array): Float32Array {
    return toLayout(Float32Array.from(data), this.spec.dims, this.spec.layout);
  }

  #own(data: ArrayBufferView): number {
    const address = this.#heap.place(data);
    this.#owned.push(address);
    return address;
  }

  #get(address: number): Float32Array {
    const { dims, layout } = this.spec;
    // Where the order is the same, `fromLayout` gives back what it was given: a view, unless it is copied.
    return fromLayout(this.#heap.float32(address, this.size).slice(), dims, layout);
  }

  #put(address: number, values: Float32Array): void {
    this.#heap.float32(address, this.size).set(toLayout(values, this.spec.dims, this.spec.layout));
  }
}

function masked(values: Float32Array, mask: Uint8Array): Float32Array {
  return values.map((value, i) => (mask[i] === 0 ? 0 : value));
}

function lookedUp(indices: Uint8Array | Uint16Array, centroids: Float32Array): Float32Array {
  // In range: `checkConstraint` has seen to it.
  return Float32Array.from(indices, (index) => centroids[index] as number);
}
