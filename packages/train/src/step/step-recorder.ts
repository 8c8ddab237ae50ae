import type { Value } from '@espalier/core';
import type { Geometry, KernelName, RowRange } from '@espalier/kernels';
import type { TrainKernelName } from '@espalier/kernels/train';
import { Activation, type Address, type Argument, type Recorder, type Sharing } from '@espalier/runtime/tape';
import type { Parameter } from '../network/parameter.js';

/** Any kernel of the binary that trains. */
export type AnyKernel = KernelName | TrainKernelName;

/** What a recording is for. */
export interface StepPurpose {
  /** Whether there is a backward pass: dropout drops, and activations are kept for it. */
  readonly training: boolean;
  /** Address of the word that decides what dropout drops in this step. */
  readonly dropoutKey: number;
  /** Values that a trained weight has a part in. */
  readonly differentiated: ReadonlySet<Value>;
}

/** Records one training step, or one run forward, and keeps the gradients of values while it does. */
export class StepRecorder {
  readonly purpose: StepPurpose;
  readonly #recorder: Recorder;
  readonly #gradients = new Map<Value, Activation>();
  /** Parameters whose gradient has been written in this step. */
  readonly #written = new Set<Parameter>();
  #dropouts = 0;

  constructor(recorder: Recorder, purpose: StepPurpose) {
    this.#recorder = recorder;
    this.purpose = purpose;
  }

  /** Scratch that was given out so far is free again. */
  beginPart(): void {
    this.#recorder.beginStep();
  }

  call(kernel: AnyKernel, args: readonly Argument[], macs = 0): void {
    // The workspace holds all kernels of this binary under their names; its type knows those that run models only.
    this.#recorder.call(kernel as KernelName, args, macs);
  }

  /** A call that threads may share, by rows. */
  split(
    kernel: AnyKernel,
    count: number,
    macs: number,
    argsOf: (range: RowRange) => readonly Argument[],
    sharing?: Sharing,
  ): void {
    this.#recorder.split(kernel as KernelName, count, macs, argsOf, sharing); // As above.
  }

  geometry(geometry: Geometry, rows?: RowRange): number {
    return this.#recorder.geometry(geometry, rows);
  }

  /** Room that is good until the next part. */
  scratch(sizeBytes: number): Address {
    return this.#recorder.scratch(sizeBytes);
  }

  /** Room for float32 reals, not yet written. */
  reals(dims: readonly number[], layout: 'row-major' | 'channels-last'): Activation {
    return Activation.reals(this.#recorder, dims, layout);
  }

  /** Room that holds zeros, as long as the tape is there. */
  zeros(sizeBytes: number): number {
    return this.#recorder.held.place(new Uint8Array(sizeBytes));
  }

  /** The address of words that do not change. */
  held(words: ArrayBufferView): number {
    return this.#recorder.held.place(words);
  }

  /** The address of a number that does not change. */
  number(value: number): number {
    return this.#recorder.held.place(Float32Array.of(value));
  }

  /** A number for each place where dropout happens. */
  nextDropout(): number {
    return this.#dropouts++;
  }

  /** Copies bytes. */
  copy(bytes: number, from: Argument, to: Argument): void {
    this.call('copyRows', [1, bytes, from, bytes, to, bytes]);
  }

  /** to += from over `size` floats. */
  add(size: number, from: Argument, to: Argument): void {
    this.call('addF32', [1, size, to, from, size, 1, to, -Infinity, Infinity]);
  }

  /** Adds to the gradient of a value. The activation is the recorder's from here on. */
  give(value: Value, gradient: Activation): void {
    const sum = this.#gradients.get(value);
    if (sum === undefined) {
      this.#gradients.set(value, gradient);
      return;
    }
    const { layout } = sum;
    // Only one form may be left, or the other would be stale.
    const total = this.reals(sum.dims, layout);
    const args = [1, sum.size, sum.reals(layout), gradient.reals(layout), sum.size, 1];
    this.call('addF32', [...args, total.reals(layout), -Infinity, Infinity]);
    sum.release();
    gradient.release();
    this.#gradients.set(value, total);
  }

  /** The gradient of a value, which is forgotten here; null where nothing depends on it. */
  take(value: Value): Activation | null {
    const gradient = this.#gradients.get(value) ?? null;
    this.#gradients.delete(value);
    return gradient;
  }

  /** Adds to the gradient of a parameter: `write` records what writes all of it to an address. */
  giveParameter(parameter: Parameter, write: (to: Argument) => void): void {
    if (!this.#written.has(parameter)) {
      this.#written.add(parameter);
      write(parameter.gradient);
      return;
    }
    const more = this.scratch(parameter.size * 4);
    write(more);
    this.add(parameter.size, more, parameter.gradient);
  }

  /** Says that the gradient of a parameter is written by what was recorded elsewhere. */
  noteWritten(parameter: Parameter): void {
    this.#written.add(parameter);
  }

  /** Whether the backward pass has come to the parameter. */
  isWritten(parameter: Parameter): boolean {
    return this.#written.has(parameter);
  }
}
