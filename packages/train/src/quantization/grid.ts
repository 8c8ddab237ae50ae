import { type IntegerType, type Quantization, quantization } from '@espalier/core';
import type { KernelName } from '@espalier/kernels';
import type { Argument, Workspace } from '@espalier/runtime/tape';
import type { FixedCall } from '../network/fixed-call.js';
import type { Parameter } from '../network/parameter.js';

/** No scale may be smaller: a quotient by it would lose its bits. */
export const LEAST_SCALE: number = 2 ** -100;

/** Records a call; addresses may be those of a tape. */
export type RecordCall = (kernel: FixedCall['kernel'], args: readonly Argument[]) => void;

/** What a grid starts from. */
export interface GridStart {
  /** Of the weight or value. */
  readonly name: string;
  /** Least and greatest code. */
  readonly low: number;
  readonly high: number;
  readonly parameters: Quantization;
}

/** Sums of each run, [outer, slices], and the address of the factor of the gradient that is made of them. */
export interface GridSums {
  readonly outer: number;
  readonly sums: Argument;
  readonly factor: Argument;
}

/**
 * Scales and zero points of a weight or value, in kernel memory where fake quantization reads them: float32, one for each
 * slice. They stay; subclasses make them anew in each step.
 */
export class Grid {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly slices: number;
  /** Addresses. */
  readonly scales: number;
  readonly zeros: number;
  readonly axis: number | null;
  readonly storageType: IntegerType;
  /** What it depends on that a run changes; null where there is none. */
  readonly parameter: Parameter | null = null;
  protected readonly workspace: Workspace;

  constructor(workspace: Workspace, { name, low, high, parameters }: GridStart) {
    const { scale, zeroPoint, axis, storageType } = parameters;
    this.name = name;
    this.low = low;
    this.high = high;
    this.slices = scale.length;
    this.axis = axis;
    this.storageType = storageType;
    this.workspace = workspace;
    this.scales = workspace.heap.place(Float32Array.from(scale));
    this.zeros = workspace.heap.place(Float32Array.from(zeroPoint));
  }

  /** Whether its codes have 8 bits, as int8 kernels read them. */
  get isByte(): boolean {
    return this.storageType === 'int8' || this.storageType === 'uint8';
  }

  /** Other grids that it is made of: they are prepared before. */
  get sources(): readonly Grid[] {
    return [];
  }

  /** Calls that make scales and zero points, before a network runs. */
  get prepare(): readonly FixedCall[] {
    return [];
  }

  /** What the gradient of `parameter` is multiplied with; null where the backward pass has no part in it. */
  factor(_elements: number): number | null {
    return null;
  }

  /** Records the gradient of `parameter` from the sums that fake quantization gave. */
  recordGradient(_call: RecordCall, _sums: GridSums, _to: Argument): void {}

  /** Records what the reals of a batch do to the range. */
  recordMove(_call: RecordCall, _size: number, _x: Argument, _scratch: (bytes: number) => Argument): void {}

  /** Scales and zero points as they are after the last step. */
  read(): Quantization {
    this.refresh();
    const { heap } = this.workspace;
    return quantization({
      scale: heap.float32(this.scales, this.slices).slice(),
      zeroPoint: Int32Array.from(heap.float32(this.zeros, this.slices)),
      axis: this.axis,
      storageType: this.storageType,
    });
  }

  /** Makes scales and zero points as they are after the last step, outside of any recording. */
  refresh(): void {
    for (const source of this.sources) source.refresh();
    // The workspace has all kernels of this binary; its type knows those that run models only.
    for (const { kernel, args } of this.prepare) this.workspace.callNow(kernel as KernelName, args);
  }
}
