import { type Model, type Node, type Tensor, UnsupportedError, type Value } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import type { Workspace } from '../memory/workspace.js';
import { type Clamp, clampAfter, noClamp } from './clamp.js';
import { type Capability, isRefusal, type Job, type Planned, type Refusal } from './job.js';
import { Plan, type Step } from './plan.js';
import type { RuleForm } from './rule-form.js';

/** Names of the values that are observed. */
export type Seen = ReadonlySet<string> | 'all' | 'none';

export interface PlanOptions {
  /** A node and the activation behind it are computed together, unless the value between them is seen. */
  readonly seen: Seen;
  /** Of the model's rule. */
  readonly form: RuleForm;
}

/**
 * Lowers a model to steps. Weights are decoded and packed here, once.
 *
 * @throws {UnsupportedError} naming the first node that can't run, and why
 */
export function makePlan(model: Model, workspace: Workspace, options: PlanOptions): Plan {
  return new PlanMaker(model, workspace, options).make();
}

class PlanMaker {
  readonly #model: Model;
  readonly #workspace: Workspace;
  readonly #options: PlanOptions;
  readonly #decoded = new Map<Value, Tensor>();

  constructor(model: Model, workspace: Workspace, options: PlanOptions) {
    this.#model = model;
    this.#workspace = workspace;
    this.#options = options;
  }

  make(): Plan {
    const steps: Step[] = [];
    const done = new Set<Node>();
    for (const node of this.#model.graph.nodes) {
      if (done.has(node)) continue;
      const step = this.#step(node);
      steps.push(step);
      if (step.fused !== null) done.add(step.fused);
    }
    return new Plan(this.#model, this.#workspace, steps, this.#constants(steps));
  }

  #step(node: Node): Step {
    const capabilities = this.#options.form.capabilitiesOf(node);
    return this.#fusedStep(node, capabilities) ?? this.#plainStep(node, capabilities);
  }

  #fusedStep(node: Node, capabilities: readonly Capability[]): Step | null {
    const fused = clampAfter(this.#model.graph, node);
    if (fused === null || (this.#isSeen(node.outputs[0]) && !this.#isNeverMade(node, fused.node)))
      return null;
    for (const capability of capabilities) {
      if (!capability.clamps) continue;
      const planned = planWithin(capability, this.#job(node, fused.node.outputs, fused.clamp));
      if (!isRefusal(planned)) return this.#stepOf(node, fused.node, capability, planned);
    }
    return null;
  }

  #isSeen(value: Value | null | undefined): boolean {
    const { seen } = this.#options;
    if (typeof seen === 'string') return seen === 'all';
    return value != null && seen.has(value.name);
  }

  /** By a rule of TensorFlow Lite sums become codes within the clamp: there is nothing between them to be seen. */
  #isNeverMade({ outputs: [between] }: Node, clamp: Node): boolean {
    const isOnGrid = clamp.outputs[0]?.type?.quantization !== undefined;
    return this.#options.form.rule !== 'onnx' && isOnGrid && between?.type?.quantization === undefined;
  }

  #plainStep(node: Node, capabilities: readonly Capability[]): Step {
    const reasons: string[] = [];
    const job = this.#job(node, node.outputs, noClamp);
    for (const capability of capabilities) {
      const planned = planWithin(capability, job);
      if (!isRefusal(planned)) return this.#stepOf(node, null, capability, planned);
      reasons.push(planned.reason);
    }
    throw new UnsupportedError({
      what: `The operator ${nameOf(node)} can't run here: ${reasons.at(-1) ?? this.#noForm()}.`,
      where: `node "${node.name}"`,
      fix: 'Replace the operator before the model is exported, or run it in another runtime.',
    });
  }

  #noForm(): string {
    return `it has no form in the requantization rule "${this.#options.form.rule}"`;
  }

  #stepOf(node: Node, fused: Node | null, capability: Capability, planned: Planned): Step {
    const inputs = node.inputs.map((value, index) => (planned.packed?.includes(index) ? null : value));
    for (const [index, value] of node.inputs.entries()) {
      // Packed, and nobody else reads it: the decoded form would only double the memory of large models.
      const alone = value !== null && this.#model.graph.uses(value).size === 1;
      if (alone && inputs[index] === null) this.#decoded.delete(value);
    }
    const { implementation } = capability;
    const outputs = fused?.outputs ?? node.outputs;
    const { compute, isSparse = false } = planned;
    return { node, fused, implementation, isSparse, compute, inputs, outputs };
  }

  #job(node: Node, outputs: readonly (Value | null)[], clamp: Clamp): Job {
    return {
      node,
      outputs,
      clamp,
      workspace: this.#workspace,
      form: this.#options.form,
      constant: (value) => (value == null ? null : this.#decode(value)),
    };
  }

  #decode(value: Value): Tensor | null {
    const known = this.#decoded.get(value);
    if (known !== undefined || value.constant === null) return known ?? null;
    const tensor = value.constant.decode();
    this.#decoded.set(value, tensor);
    return tensor;
  }

  /** Those constants that steps read as activations, weights that were packed left out. */
  #constants(steps: readonly Step[]): ReadonlyMap<Value, Activation> {
    const constants = new Map<Value, Activation>();
    const read = [...steps.flatMap((step) => step.inputs), ...this.#model.graph.outputs];
    for (const value of read) {
      if (value === null || value.constant === null || constants.has(value)) continue;
      const tensor = this.#decode(value);
      if (tensor !== null) constants.set(value, Activation.fixed(this.#workspace.held, tensor));
    }
    return constants;
  }
}

/** Weights that kernel memory can't hold are told as such, with the node they belong to. */
function planWithin(capability: Capability, job: Job): Planned | Refusal {
  try {
    return capability.plan(job);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UnsupportedError({
      what: `There is no memory for the weights of ${job.node.op}: ${cause.message}`,
      where: `node "${job.node.name}"`,
      fix: 'WebAssembly has 4 GiB for weights and activations together, 1 GiB on several threads: quantize the model, or split it.',
      cause,
    });
  }
}

function nameOf({ domain, op }: Node): string {
  return domain === '' ? op : `${domain}.${op}`;
}
