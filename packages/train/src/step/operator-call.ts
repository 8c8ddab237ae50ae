import { InternalError, type Node, type Value } from '@espalier/core';
import type { Activation, Argument, Layout } from '@espalier/runtime/tape';
import { knownDims } from '../network/network.js';
import type { Parameter } from '../network/parameter.js';
import { IntegerForm } from '../quantization/integer-form.js';
import type { NetworkGrids } from '../quantization/network-grids.js';
import type { StepRecorder } from './step-recorder.js';

/** Bounds of the activation that is computed with a node; infinite where there is none. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** What a node is recorded from beside its own inputs. */
export interface CallContext {
  readonly activations: ReadonlyMap<Value, Activation>;
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Of a network that is computed as int8 kernels compute it; null for one that is not. */
  readonly integers: NetworkGrids | null;
}

/** One node that is being recorded: what it reads, and where its gradients go. */
export class OperatorCall {
  readonly node: Node;
  readonly step: StepRecorder;
  readonly bounds: Bounds;
  /** Shape of the result, batch included. */
  readonly dims: readonly number[];
  /** The first value that is computed, behind the activation. */
  readonly #result: Value;
  readonly #context: CallContext;

  constructor(step: StepRecorder, node: Node, bounds: Bounds, result: Value, context: CallContext) {
    this.step = step;
    this.node = node;
    this.bounds = bounds;
    this.dims = knownDims(result);
    this.#result = result;
    this.#context = context;
  }

  /** An input that is computed or fed. */
  input(index: number): Activation {
    const activation = this.#context.activations.get(this.#value(index));
    if (activation === undefined)
      throw new InternalError({ what: `Input ${index} is not computed.`, where: this.where });
    return activation;
  }

  /** An input that is a weight; null where it is left out, or computed. */
  parameter(index: number): Parameter | null {
    const value = this.node.inputs[index];
    return value?.constant == null ? null : (this.#context.parameters.get(value.name) ?? null);
  }

  /**
   * How the node is computed on whole numbers, where int8 kernels compute it so: null where what it reads or gives is on no
   * grid of 8 bits.
   *
   * @param weight - the index of its weights and the dimension of their output channels; null where it has none
   */
  integerForm(weight: { readonly index: number; readonly axis: number } | null): IntegerForm | null {
    const grids = this.#context.integers;
    const [x, y] = [grids?.values.get(this.#value(0).name), grids?.roundingOf(this.#result)];
    if (grids === null || x?.isByte !== true || y?.isByte !== true) return null;
    if (weight === null) return new IntegerForm(this.step, { x, weight: null, y });
    const held = grids.weights.get(this.#value(weight.index).name);
    if (held?.isByte !== true || (held.axis !== null && held.axis !== weight.axis)) return null;
    return new IntegerForm(this.step, { x, weight: held, y });
  }

  /** Whether the gradient of an input is asked for. */
  wants(index: number): boolean {
    return this.step.purpose.differentiated.has(this.#value(index));
  }

  /** Adds to the gradient of an input. */
  give(index: number, gradient: Activation): void {
    this.step.give(this.#value(index), gradient);
  }

  /** Adds to the gradient of a weight, where it is trained. */
  giveParameter(parameter: Parameter | null, write: (to: Argument) => void): void {
    if (parameter?.spec.isTrainable === true) this.step.giveParameter(parameter, write);
  }

  get where(): string {
    return `node "${this.node.name}" (${this.node.op})`;
  }

  /** The gradient before the clamp that was computed with the node; the one given where there was none. */
  beforeClamp(gradient: Activation, output: Activation, layout: Layout): Activation {
    const { low, high } = this.bounds;
    if (low === -Infinity && high === Infinity) return gradient;
    const result = this.step.reals(output.dims, layout);
    const args = [output.size, output.reals(layout), gradient.reals(layout), result.reals(layout), low, high];
    this.step.call('clampGradientF32', args);
    return result;
  }

  #value(index: number): Value {
    const value = this.node.inputs[index];
    if (value == null) throw new InternalError({ what: `Input ${index} is missing.`, where: this.where });
    return value;
  }
}
