import type { Feeds, Model, Node, Observe, Tensor, Value } from '@espalier/core';
import type { Activation } from '../memory/activation.js';
import type { Workspace } from '../memory/workspace.js';
import type { Binding } from './binding.js';
import type { Compute, Implementation } from './job.js';
import { recordRun } from './record-run.js';

/** One node, or a node with the activation fused into it, ready to be computed. */
export interface Step {
  readonly node: Node;
  /** The activation that is computed with it. */
  readonly fused: Node | null;
  readonly implementation: Implementation;
  /** Whether it leaves out the weights that are zero. */
  readonly isSparse: boolean;
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
  /** There where pruned weights are multiplied without their zeros, which is as fast as there are few of them. */
  readonly sparse?: true;
}

/** Shapes of feeds for which tapes are kept. */
const mostBindings = 8;

/**
 * A model lowered to a flat list of steps over one workspace. For each set of input shapes the first run is
 * recorded, and the later ones are played back. Runs one at a time, as often as wanted.
 */
export class Plan {
  readonly model: Model;
  readonly workspace: Workspace;
  readonly steps: readonly Step[];
  readonly constants: ReadonlyMap<Value, Activation>;
  /** Values that no step after the one of this index reads. */
  readonly deadAfter: readonly (readonly Value[])[];
  /** The one used last comes first. */
  readonly #bindings: Binding[] = [];

  constructor(
    model: Model,
    workspace: Workspace,
    steps: readonly Step[],
    constants: ReadonlyMap<Value, Activation>,
  ) {
    this.model = model;
    this.workspace = workspace;
    this.steps = steps;
    this.constants = constants;
    this.deadAfter = deadAfter(steps, new Set(model.graph.outputs));
  }

  /** What runs each node. */
  describe(): readonly PlanLine[] {
    return this.steps.flatMap(({ node, fused, implementation, isSparse }) => {
      const sparse = isSparse ? ({ sparse: true } as const) : {};
      const line: PlanLine = { node: node.name, op: node.op, implementation, fusedInto: null, ...sparse };
      if (fused === null) return [line];
      return [line, { node: fused.name, op: fused.op, implementation, fusedInto: node.name }];
    });
  }

  /** Whether feeds are tensors of the names, types and shapes of the last run, which were found to fit. */
  accepts(feeds: Readonly<Record<string, unknown>>): feeds is Feeds {
    return this.#bindings[0]?.accepts(feeds) ?? false;
  }

  /**
   * Computes all outputs. `feeds` has been checked against the model.
   *
   * @param wanted - names of the values that are observed; all where it is left out
   */
  run(feeds: Feeds, observe?: Observe, wanted?: ReadonlySet<string>): Record<string, Tensor> {
    if (observe !== undefined) {
      const { binding, outputs } = recordRun(this, feeds, observe, wanted);
      binding.release();
      return outputs;
    }
    const known = this.#find(feeds);
    const played = known?.run(feeds) ?? null;
    if (played !== null) return played;
    if (known !== undefined) this.#forget(known);
    const { binding, outputs } = recordRun(this, feeds);
    this.#keep(binding);
    return outputs;
  }

  /** The tape for feeds of these shapes; recorded by a run, where there is none yet. */
  bind(feeds: Feeds): Binding {
    const known = this.#find(feeds);
    if (known !== undefined) return known;
    const { binding } = recordRun(this, feeds);
    this.#keep(binding);
    return binding;
  }

  #find(feeds: Feeds): Binding | undefined {
    const index = this.#bindings.findIndex((binding) => binding.fits(feeds));
    const found = this.#bindings[index];
    if (index > 0 && found !== undefined) {
      this.#bindings.splice(index, 1);
      this.#bindings.unshift(found);
    }
    return found;
  }

  #keep(binding: Binding): void {
    this.#bindings.unshift(binding);
    const last = this.#bindings[mostBindings];
    if (last !== undefined) this.#forget(last);
  }

  #forget(binding: Binding): void {
    this.#bindings.splice(this.#bindings.indexOf(binding), 1);
    binding.release();
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
