import {
  type Feeds,
  InternalError,
  type Observe,
  type Tensor,
  UnsupportedError,
  type Value,
} from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { fakeQuantize, gridOf, sameGrid, wideGridOf } from '../memory/grid.js';
import { Recorder } from '../tape/recorder.js';
import { Binding } from './binding.js';
import type { Plan, Step } from './plan.js';

/** What of a plan a run is recorded from. */
export type Recordable = Pick<Plan, 'model' | 'workspace' | 'steps' | 'constants' | 'deadAfter'>;

/** A run that was recorded. */
export interface RecordedRun {
  readonly binding: Binding;
  readonly outputs: Record<string, Tensor>;
}

/** Runs a plan step by step, and records what each step does. */
export function recordRun(
  plan: Recordable,
  feeds: Feeds,
  observe?: Observe,
  wanted?: ReadonlySet<string>,
): RecordedRun {
  const recorder = new Recorder(plan.workspace);
  try {
    return new RunRecorder(plan, recorder).run(
      feeds,
      observe === undefined ? undefined : { observe, wanted },
    );
  } catch (error) {
    recorder.abandon();
    throw error;
  }
}

interface Watch {
  readonly observe: Observe;
  readonly wanted: ReadonlySet<string> | undefined;
}

class RunRecorder {
  readonly #plan: Recordable;
  readonly #recorder: Recorder;
  readonly #live = new Map<Value, Activation>();

  constructor(plan: Recordable, recorder: Recorder) {
    this.#plan = plan;
    this.#recorder = recorder;
  }

  run(feeds: Feeds, watch: Watch | undefined): RecordedRun {
    const inputs = this.#feed(feeds);
    for (const [index, step] of this.#plan.steps.entries()) {
      this.#recorder.beginStep();
      this.#compute(step, watch);
      for (const value of this.#plan.deadAfter[index] ?? []) this.#live.get(value)?.release();
    }
    this.#recorder.beginStep();
    const results = new Map(this.#plan.model.graph.outputs.map((value) => [value, this.#find(value)]));
    for (const activation of results.values()) activation.makeTensor();
    const { held, filled } = this.#recorder;
    // Read before the recorder takes the memory back.
    const outputs = Object.fromEntries(
      [...results].map(([value, result]) => [value.name, copied(value, result)]),
    );
    const binding = new Binding({ tape: this.#recorder.finish(), inputs, outputs: results, filled, held });
    binding.clear();
    return { binding, outputs };
  }

  #feed(feeds: Feeds): ReadonlyMap<Value, Activation> {
    const inputs = new Map<Value, Activation>();
    this.#recorder.beginStep();
    for (const value of this.#plan.model.graph.inputs) {
      const tensor = feeds[value.name];
      if (tensor === undefined) continue;
      const activation = Activation.of(this.#recorder, tensor);
      inputs.set(value, activation);
      this.#live.set(value, this.#settle(value, activation));
    }
    return inputs;
  }

  #compute(step: Step, watch: Watch | undefined): void {
    const inputs = step.inputs.map((value) => (value === null ? null : this.#find(value)));
    const results = this.#guarded(step, inputs);
    for (const [index, value] of step.outputs.entries()) {
      const result = results[index];
      if (value === null) {
        result?.release();
        continue;
      }
      if (result == null) throw new InternalError({ what: `${step.node.op} left out "${value.name}".` });
      const settled = this.#settle(value, result);
      this.#live.set(value, settled);
      if (watch === undefined || watch.wanted?.has(value.name) === false) continue;
      settled.makeTensor();
      watch.observe(value, settled.detach());
    }
  }

  /** Computes a step; running out of memory is told as what it is, with the node that asked for it. */
  #guarded({ node, compute }: Step, inputs: readonly (Activation | null)[]): readonly (Activation | null)[] {
    try {
      return compute(inputs, this.#recorder);
    } catch (cause) {
      throw asUnsupported(cause, `what ${node.op} computes`, `node "${node.name}"`);
    }
  }

  #find(value: Value): Activation {
    const activation = this.#live.get(value) ?? this.#plan.constants.get(value);
    if (activation === undefined)
      throw new InternalError({ what: `The value "${value.name}" is not there.` });
    return activation;
  }

  /** Moves a result to the grid of its value, where it has one and the step has not done so. */
  #settle(value: Value, result: Activation): Activation {
    const quantization = value.type?.quantization;
    if (quantization === undefined) return result;
    const grid = result.type === 'float32' ? (gridOf(quantization) ?? wideGridOf(quantization)) : null;
    if (grid !== null && result.grid !== null && sameGrid(grid, result.grid)) return result;
    const settled =
      grid === null ? this.#moved(value, result) : Activation.quantized(result, grid, this.#recorder);
    result.release();
    return settled;
  }

  /** By TypeScript: a grid that kernels do not know. */
  #moved({ name, type }: Value, result: Activation): Activation {
    result.makeTensor();
    const quantization = type?.quantization;
    const [moved] = this.#recorder.tensors([result], () =>
      quantization === undefined ? [] : [fakeQuantize(result.tensor(), quantization)],
    );
    if (moved == null)
      throw new InternalError({ what: `The value "${name}" could not be moved to its grid.` });
    return moved;
  }
}

/** An output outside of kernel memory, for which there may be none where the kernels had enough. */
function copied({ name }: Value, result: Activation): Tensor {
  try {
    return result.copy();
  } catch (cause) {
    throw asUnsupported(cause, 'an output', `output "${name}"`);
  }
}

/** Running out of memory is told as what it is; other errors stay. */
function asUnsupported(cause: unknown, what: string, where: string): unknown {
  if (!(cause instanceof RangeError)) return cause;
  return new UnsupportedError({
    what: `There is no memory for ${what}: ${cause.message}`,
    where,
    fix: 'Feed smaller batches or images.',
    cause,
  });
}
