import { InternalError, type Node, type Value } from '@espalier/core';
import type { RowRange } from '@espalier/kernels';
import { type Activation, clampAfter, Recorder, type Tape, type Workspace } from '@espalier/runtime/tape';
import type { Loss } from '../loss/loss.js';
import type { Network, TypedNetwork } from '../network/network.js';
import { outputsOf, type RecordedOutputs } from '../operators/differentiable.js';
import { recordDropout } from '../operators/dropout.js';
import { entryOf } from '../operators/entry-of.js';
import type { UpdateRule } from '../optimizer/update-rule.js';
import { recordCodes, recordCodesInPlace } from '../quantization/record-codes.js';
import { type Bounds, type CallContext, OperatorCall } from './operator-call.js';
import type { StepBuffers } from './step-buffers.js';
import { StepRecorder } from './step-recorder.js';

/** What a step is recorded from. */
export interface StepPlan {
  readonly workspace: Workspace;
  readonly network: Network;
  readonly loss: Loss;
  readonly buffers: StepBuffers;
  /** Fraction dropped of values, by the name of the value or of the node that computes it. */
  readonly dropout: Readonly<Record<string, number>>;
}

/** Sees each result while a step is recorded, which is when it is computed for the first time. */
export type Inspect = (node: Node, output: Activation) => void;

/** An update of an element takes as long as some four sums. */
const UPDATE_WORK = 4;

/** Floats between which an update is cut: no two threads write to one line of the cache. */
const LINE = 64;

const unbounded: Bounds = { low: -Infinity, high: Infinity };

/**
 * Runs the network forward on the batch in the buffers, and records that: losses and results of `count` samples.
 */
export function recordForward(plan: StepPlan, count: number, inspect?: Inspect): Tape {
  return recorded(plan, count, false, (pass) => {
    pass.forward(inspect);
    pass.lossOf();
  });
}

/**
 * Trains on the batch in the buffers, and records that: forward, backward, update. So the first step of a recording is
 * done by recording it.
 */
export function recordTraining(plan: StepPlan, count: number, rule: UpdateRule): Tape {
  return recorded(plan, count, true, (pass) => {
    pass.forward();
    pass.backward(pass.lossOf());
    pass.update(rule);
  });
}

function recorded(plan: StepPlan, count: number, training: boolean, record: (pass: Pass) => void): Tape {
  const recorder = new Recorder(plan.workspace);
  try {
    const network = plan.network.for(count);
    const { differentiated } = network;
    const step = new StepRecorder(recorder, {
      training,
      dropoutKey: plan.buffers.dropoutKey,
      differentiated,
    });
    record(new Pass(plan, network, count, step));
    return recorder.finish();
  } catch (error) {
    recorder.abandon();
    throw error;
  }
}

class Pass {
  readonly #plan: StepPlan;
  readonly #network: TypedNetwork;
  readonly #count: number;
  readonly #step: StepRecorder;
  readonly #activations = new Map<Value, Activation>();
  readonly #context: CallContext;
  /** What was recorded, in order. */
  readonly #done: { readonly values: Node['outputs']; readonly recorded: RecordedOutputs }[] = [];

  constructor(plan: StepPlan, network: TypedNetwork, count: number, step: StepRecorder) {
    this.#plan = plan;
    this.#network = network;
    this.#count = count;
    this.#step = step;
    const { parameters, grids } = plan.network;
    // What dropout keeps is made larger, and on no grid.
    const isDropped = step.purpose.training && Object.values(plan.dropout).some((ratio) => ratio > 0);
    const isInteger = network.model.requantization === 'onnx' && !isDropped;
    this.#context = {
      activations: this.#activations,
      parameters,
      integers: isInteger ? grids : null,
    };
  }

  forward(inspect?: Inspect): void {
    const { network } = this.#plan;
    this.#step.beginPart();
    for (const grid of network.grids.all) {
      for (const { kernel, args } of grid.prepare) this.#step.call(kernel, args);
    }
    for (const parameter of network.parameters.values()) {
      for (const { kernel, args } of parameter.prepare) this.#step.call(kernel, args);
    }
    this.#feed();
    const fused = new Set<Node>();
    const lastUse = this.#lastUses();
    for (const node of this.#network.nodes) {
      if (fused.has(node)) continue;
      this.#step.beginPart();
      const clamped = this.#clampOf(node);
      if (clamped !== null) fused.add(clamped.node);
      const outputs = this.#record(node, clamped?.node ?? node, clamped?.clamp ?? unbounded);
      for (const output of outputs) if (output !== null) inspect?.(node, output);
      if (this.#step.purpose.training) continue;
      const read = [...(lastUse.get(node) ?? []), ...(lastUse.get(clamped?.node ?? node) ?? [])];
      for (const value of read) this.#activations.get(value)?.release();
    }
  }

  /** Records the loss; returns the gradient of what it compares. */
  lossOf(): Activation {
    const { buffers, loss } = this.#plan;
    const { target } = this.#network;
    this.#step.beginPart();
    const output = this.#activations.get(target);
    if (output === undefined) throw new InternalError({ what: `"${target.name}" was not computed.` });
    const rows = output.reals('row-major');
    this.#step.copy(output.size * 4, rows, buffers.outputs);
    const gradient = this.#step.reals(output.dims, 'row-major');
    loss.record(this.#step, {
      count: this.#count,
      width: output.size / this.#count,
      output: rows,
      targets: buffers.targets,
      losses: buffers.losses,
      gradient: gradient.reals('row-major'),
    });
    return gradient;
  }

  backward(gradient: Activation): void {
    const step = this.#step;
    step.give(this.#network.target, gradient);
    for (const { values, recorded } of this.#done.toReversed()) {
      step.beginPart();
      const reached = values.map((value) => value && step.take(value));
      if (reached.some((one) => one !== null)) recorded.backwardAll(reached);
      for (const one of [...reached, ...recorded.outputs]) one?.release();
    }
  }

  update(rule: UpdateRule): void {
    const { trained } = this.#plan.network;
    // Scales of weights get their gradients from those of the weights.
    for (const parameter of trained) {
      if (!this.#step.isWritten(parameter)) continue;
      this.#step.beginPart();
      for (const { kernel, args } of parameter.collect) this.#step.call(kernel, args);
      if (parameter.grid?.parameter != null) this.#step.noteWritten(parameter.grid.parameter);
    }
    for (const parameter of trained) {
      if (!this.#step.isWritten(parameter)) continue;
      this.#step.beginPart();
      const { size } = parameter.trained;
      const { kernel } = rule.callFor(parameter, { first: 0, end: size });
      const argsOf = (range: RowRange) => rule.callFor(parameter, range).args;
      this.#step.split(kernel, size, 0, argsOf, { elements: size * UPDATE_WORK, unit: LINE });
    }
  }

  #feed(): void {
    const { buffers, network } = this.#plan;
    for (const input of network.inputs) {
      const value = this.#network.model.graph.value(input.name);
      if (value === undefined) continue;
      const activation = this.#step.reals([this.#count, ...input.dims], 'row-major');
      this.#step.copy(activation.size * 4, buffers.inputOf(input.name), activation.reals('row-major'));
      const grid = network.grids.roundingOf(value);
      if (grid !== null) recordCodesInPlace(this.#step, grid, activation);
      this.#activations.set(value, activation);
    }
  }

  /** Records a node, with the clamp behind it and the dropout on its first result. */
  #record(node: Node, last: Node, bounds: Bounds): readonly (Activation | null)[] {
    const result = last.outputs.find((value) => value !== null);
    if (result === undefined) throw new InternalError({ what: `${last.op} has no result.` });
    const call = new OperatorCall(this.#step, node, bounds, result, this.#context);
    const rounded = this.#withCodes(outputsOf(entryOf(node).record(call)), last);
    const recorded = this.#withDropout(rounded, this.#dropoutOf(last));
    this.#done.push({ values: last.outputs, recorded });
    for (const [index, output] of recorded.outputs.entries()) {
      const value = last.outputs[index];
      if (value != null && output !== null) this.#activations.set(value, output);
    }
    return recorded.outputs;
  }

  /** Rounds results to the codes that a quantized network holds them in. */
  #withCodes(recorded: RecordedOutputs, { outputs }: Node): RecordedOutputs {
    const step = this.#step;
    const grids = outputs.map((value) => this.#plan.network.grids.roundingOf(value));
    if (grids.every((grid) => grid === null)) return recorded;
    const given = (i: number): Activation | null => (i === 0 ? (recorded.rounded ?? null) : null);
    if (!step.purpose.training) {
      for (const [i, output] of recorded.outputs.entries()) {
        const grid = grids[i] ?? null;
        if (grid !== null && output !== null && given(i) === null) recordCodesInPlace(step, grid, output);
      }
      return recorded;
    }
    const rounded = recorded.outputs.map((output, i) => {
      const grid = grids[i] ?? null;
      return grid === null || output === null ? null : recordCodes(step, grid, output, given(i));
    });
    return {
      outputs: recorded.outputs.map((output, i) => rounded[i]?.output ?? output),
      backwardAll(gradients) {
        const before = gradients.map(
          (gradient, i) => (gradient && rounded[i]?.backward(gradient)) ?? gradient,
        );
        recorded.backwardAll(before);
        for (const [i, one] of before.entries()) if (one !== gradients[i]) one?.release();
        for (const [i, output] of recorded.outputs.entries()) if (rounded[i] != null) output?.release();
      },
    };
  }

  #withDropout(recorded: RecordedOutputs, ratio: number): RecordedOutputs {
    const [first, ...others] = recorded.outputs;
    const step = this.#step;
    if (ratio === 0 || !step.purpose.training || first == null) return recorded;
    const dropped = recordDropout(step, first, ratio);
    return {
      outputs: [dropped.output, ...others],
      backwardAll([gradient = null, ...rest]) {
        const before = gradient && dropped.backward(gradient);
        recorded.backwardAll([before, ...rest]);
        before?.release();
        first.release();
      },
    };
  }

  #dropoutOf(node: Node): number {
    const { dropout } = this.#plan;
    return dropout[node.name] ?? dropout[node.outputs[0]?.name ?? ''] ?? 0;
  }

  #clampOf(node: Node): ReturnType<typeof clampAfter> {
    if (entryOf(node).clamps !== true || this.#dropoutOf(node) > 0) return null;
    const found = clampAfter(this.#network.model.graph, node);
    return found !== null && this.#network.nodes.includes(found.node) ? found : null;
  }

  /** Values that no node after this one reads. */
  #lastUses(): ReadonlyMap<Node, readonly Value[]> {
    const last = new Map<Value, Node>();
    for (const node of this.#network.nodes) {
      for (const value of node.inputs) if (value !== null && value.constant === null) last.set(value, node);
    }
    last.delete(this.#network.target);
    const values = new Map<Node, Value[]>();
    for (const [value, node] of last) values.set(node, [...(values.get(node) ?? []), value]);
    return values;
  }
}
