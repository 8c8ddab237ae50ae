import { elementCount, type Feeds, type HeldRun, Tensor, type Value } from '@espalier/core';
import type { Activation, Form } from '../memory/activation.js';
import { planesOf } from '../memory/layout.js';
import type { Block } from '../tape/block.js';
import { StaleTape } from '../tape/stale-tape.js';
import type { Binding } from './binding.js';
import type { Plan, Step } from './plan.js';
import { recordRun } from './record-run.js';

/** An activation where its step left it. */
interface Kept {
  readonly activation: Activation;
  /** -1 for inputs. */
  readonly step: number;
  /** Forms that were made later are made again in each playback. None where it is a plain tensor. */
  readonly forms: readonly (readonly [Form, Block])[];
}

/**
 * Runs a plan with room of its own for each activation, so that its tape can be played from any step on. A step reads what
 * steps before it wrote, and nothing behind it does: from the last activation to the first nothing has to be put right.
 *
 * @param wanted - names of the activations that are read and changed
 * @throws {RangeError} when there is no memory for all of them
 */
export function holdRun(plan: Plan, feeds: Feeds, wanted: ReadonlySet<string>): HeldRun {
  const { model, workspace, constants } = plan;
  const kept = new Map<string, Kept>();
  const keep = (
    values: readonly (Value | null)[],
    activations: readonly (Activation | null)[],
    step: number,
  ): void => {
    for (const [i, value] of values.entries()) {
      const activation = activations[i];
      if (value === null || activation == null || !wanted.has(value.name) || kept.has(value.name)) continue;
      kept.set(value.name, { activation, step, forms: activation.forms() });
    }
  };
  const inputs = new Set(model.graph.inputs);
  const steps = plan.steps.map(
    (step, index): Step => ({
      ...step,
      compute(read, recorder) {
        // Before it is read for the first time: there are no other forms of it yet.
        keep(
          step.inputs.map((value) => (value !== null && inputs.has(value) ? value : null)),
          read,
          -1,
        );
        const results = step.compute(read, recorder);
        keep(step.outputs, results, index);
        return results;
      },
    }),
  );
  // Nothing is given up when it was read for the last time.
  const { binding } = recordRun({ model, workspace, steps, constants, deadAfter: [] }, feeds);
  return new TapeRun(plan, binding, feeds, kept);
}

class TapeRun implements HeldRun {
  readonly outputs: Feeds;
  readonly #plan: Plan;
  readonly #binding: Binding;
  readonly #kept: ReadonlyMap<string, Kept>;
  /** Activations of later steps follow from a changed one. */
  #rightUpTo = Number.POSITIVE_INFINITY;

  constructor(plan: Plan, binding: Binding, feeds: Feeds, kept: ReadonlyMap<string, Kept>) {
    this.#plan = plan;
    this.#binding = binding;
    this.#kept = kept;
    binding.feed(feeds);
    binding.tape.settle();
    binding.tape.run();
    this.outputs = binding.collect();
  }

  value(name: string): Tensor | null {
    const kept = this.#find(name);
    return kept === null ? null : this.#read(kept);
  }

  outputsWith(name: string, tensor: Tensor): Feeds | null {
    const kept = this.#find(name);
    if (kept === null) return null;
    const before = this.#read(kept);
    this.#rightUpTo = Math.min(this.#rightUpTo, kept.step);
    try {
      this.#write(kept, tensor);
      this.#playFrom(kept.step);
      return this.#binding.collect();
    } catch (error) {
      // A shape depends on its values.
      if (error instanceof StaleTape) return null;
      throw error;
    } finally {
      this.#write(kept, before);
    }
  }

  release(): void {
    this.#binding.clear();
    this.#binding.release();
  }

  #find(name: string): Kept | null {
    const kept = this.#kept.get(name);
    // What is the same in each run may be within a step's arguments.
    if (kept === undefined || kept.activation.grid !== null || kept.activation.isFixed) return null;
    if (kept.step > this.#rightUpTo) {
      this.#playFrom(this.#rightUpTo);
      this.#rightUpTo = Number.POSITIVE_INFINITY;
    }
    return kept;
  }

  /** All steps behind one. The marks of a tape are the inputs, each step, and the outputs. */
  #playFrom(step: number): void {
    const { tape } = this.#binding;
    tape.runPart(tape.marks[step + 2] ?? tape.instructions.length, tape.instructions.length);
  }

  #read({ activation, forms }: Kept): Tensor {
    const [first] = forms;
    if (first === undefined) return activation.tensor();
    const [form, block] = first;
    const reals = this.#reals(block, activation);
    const isRowMajor = form === 'real row-major';
    return new Tensor(
      'float32',
      isRowMajor ? reals.slice() : transposed(reals, activation.dims, 'row-major'),
      activation.dims,
    );
  }

  #write({ activation, forms }: Kept, tensor: Tensor): void {
    activation.requireDims(tensor.dims);
    if (forms.length === 0) activation.hold(tensor);
    for (const [form, block] of forms) {
      const reals = tensor.data as Float32Array; // kernels hold no other reals
      const own = form === 'real row-major' ? reals : transposed(reals, tensor.dims, 'channels-last');
      this.#reals(block, activation).set(own);
    }
  }

  #reals({ address }: Block, { dims }: Activation): Float32Array {
    return this.#plan.workspace.heap.float32(address, elementCount(dims));
  }
}

/** Reals in the other layout. */
function transposed(
  from: Float32Array,
  dims: readonly number[],
  to: 'row-major' | 'channels-last',
): Float32Array {
  const { batch, channels, spatial } = planesOf(dims);
  const [rows, columns] = to === 'row-major' ? [spatial, channels] : [channels, spatial];
  const result = new Float32Array(from.length);
  for (let image = 0; image < batch; image++) {
    const start = image * rows * columns;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++)
        result[start + column * rows + row] = from[start + row * columns + column] as number; // within
    }
  }
  return result;
}
