import {
  type Feeds,
  InternalError,
  type Model,
  type Node,
  type Observe,
  type Tensor,
  UnsupportedError,
  type Value,
} from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { fakeQuantize, gridOf, sameGrid } from '../memory/grid.js';
import type { Workspace } from '../memory/workspace.js';
import type { Compute, Implementation } from './job.js';

/** One node, or a node with the activation fused into it, ready to be computed. */
export interface Step {
  readonly node: Node;
  /** The activation that is computed with it. */
  readonly fused: Node | null;
  readonly implementation: Implementation;
  readonly compute: Compute;
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly (Value | null)[];
}

/** How one node of the model is executed. */
export interface PlanLine {
  readonly node: string;
  readonly op: string;
  readonly implementation: Implementation;
  /** The name of the node it is computed with, or null where it has a step of its own. */
  readonly fusedInto: string | null;
}

/** A model lowered to a flat list of steps over one workspace. Runs one at a time, as often as wanted. */
export class Plan {
  readonly steps: readonly Step[];
  readonly #model: Model;
  readonly #workspace: Workspace;
  readonly #constants: ReadonlyMap<Value, Activation>;
  /** Values that no step after the one of this index reads. */
  readonly #deadAfter: readonly (readonly Value[])[];

  constructor(
    model: Model,
    workspace: Workspace,
    steps: readonly Step[],
    constants: ReadonlyMap<Value, Activation>,
  ) {
    this.#model = model;
    this.#workspace = workspace;
    this.steps = steps;
    this.#constants = constants;
    this.#deadAfter = deadAfter(steps, new Set(model.graph.outputs));
  }

  /** What runs each node. */
  describe(): readonly PlanLine[] {
    return this.steps.flatMap(({ node, fused, implementation }) => {
      const line: PlanLine = { node: node.name, op: node.op, implementation, fusedInto: null };
      if (fused === null) return [line];
      return [line, { node: fused.name, op: fused.op, implementation, fusedInto: node.name }];
    });
  }

  /** Computes all outputs. `feeds` has been checked against the model. */
  run(feeds: Feeds, observe?: Observe): Record<string, Tensor> {
    const live = new Map<Value, Activation>();
    try {
      this.#feed(live, feeds);
      for (const [index, step] of this.steps.entries()) {
        this.#compute(step, live, observe);
        for (const value of this.#deadAfter[index] ?? []) {
          live.get(value)?.release();
          live.delete(value);
        }
      }
      return this.#collect(live);
    } finally {
      for (const activation of live.values()) activation.release();
    }
  }

  #feed(live: Map<Value, Activation>, feeds: Feeds): void {
    for (const value of this.#model.graph.inputs) {
      const tensor = feeds[value.name];
      if (tensor !== undefined) live.set(value, this.#settle(value, Activation.of(this.#workspace, tensor)));
    }
  }

  #compute(step: Step, live: Map<Value, Activation>, observe: Observe | undefined): void {
    const inputs = step.inputs.map((value) => (value === null ? null : this.#find(value, live)));
    const results = guarded(step, inputs);
    for (const [index, value] of step.outputs.entries()) {
      const result = results[index];
      if (value === null) {
        result?.release();
        continue;
      }
      if (result == null) throw new InternalError({ what: `${step.node.op} left out "${value.name}".` });
      const settled = this.#settle(value, result);
      live.set(value, settled);
      observe?.(value, settled.detach());
    }
  }

  #find(value: Value, live: ReadonlyMap<Value, Activation>): Activation {
    const activation = live.get(value) ?? this.#constants.get(value);
    if (activation === undefined)
      throw new InternalError({ what: `The value "${value.name}" is not there.` });
    return activation;
  }

  /** Moves a result to the grid of its value, where it has one and the step has not done so. */
  #settle(value: Value, result: Activation): Activation {
    const quantization = value.type?.quantization;
    if (quantization === undefined) return result;
    const grid = result.type === 'float32' ? gridOf(quantization) : null;
    if (grid !== null && result.grid !== null && sameGrid(grid, result.grid)) return result;
    const settled =
      grid === null
        ? Activation.of(this.#workspace, fakeQuantize(result.tensor(), quantization))
        : Activation.quantized(result, grid);
    result.release();
    return settled;
  }

  #collect(live: ReadonlyMap<Value, Activation>): Record<string, Tensor> {
    const outputs: Record<string, Tensor> = {};
    for (const value of this.#model.graph.outputs) {
      // The caller may write to it: it must not be a weight, or what the caller fed.
      outputs[value.name] = this.#find(value, live).copy();
    }
    return outputs;
  }
}

/** Computes a step; running out of memory is told as what it is, with the node that asked for it. */
function guarded(
  { node, compute }: Step,
  inputs: readonly (Activation | null)[],
): readonly (Activation | null)[] {
  try {
    return compute(inputs);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UnsupportedError({
      what: `There is no memory for what ${node.op} computes: ${cause.message}`,
      where: `node "${node.name}"`,
      fix: 'Feed smaller batches or images.',
      cause,
    });
  }
}

function deadAfter(steps: readonly Step[], kept: ReadonlySet<Value>): readonly (readonly Value[])[] {
  const dead: Value[][] = steps.map(() => []);
  const seen = new Set<Value>();
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index];
    for (const value of [...(step?.inputs ?? []), ...(step?.outputs ?? [])]) {
      if (value === null || value.constant !== null || kept.has(value) || seen.has(value)) continue;
      seen.add(value);
      dead[index]?.push(value);
    }
  }
  return dead;
}
