import { InternalError, type Node, type Value } from '@espalier/core';
import type { Activation, Argument, Layout } from '@espalier/runtime/tape';
import type { Parameter } from '../network/parameter.js';
import type { StepRecorder } from './step-recorder.js';

/** Bounds of the activation that is computed with a node; infinite where there is none. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** One node that is being recorded: what it reads, and where its gradients go. */
export class OperatorCall {
  readonly node: Node;
  readonly step: StepRecorder;
  readonly bounds: Bounds;
  /** Shape of the result, batch included. */
  readonly dims: readonly number[];
  readonly #activations: ReadonlyMap<Value, Activation>;
  readonly #parameters: ReadonlyMap<string, Parameter>;

  constructor(
    step: StepRecorder,
    node: Node,
    bounds: Bounds,
    dims: readonly number[],
    activations: ReadonlyMap<Value, Activation>,
    parameters: ReadonlyMap<string, Parameter>,
  ) {
    this.step = step;
    this.node = node;
    this.bounds = bounds;
    this.dims = dims;
    this.#activations = activations;
    this.#parameters = parameters;
  }

  /** An input that is computed or fed. */
  input(index: number): Activation {
    const activation = this.#activations.get(this.#value(index));
    if (activation === undefined)
      throw new InternalError({ what: `Input ${index} is not computed.`, where: this.where });
    return activation;
  }

  /** An input that is a weight; null where it is left out, or computed. */
  parameter(index: number): Parameter | null {
    const value = this.node.inputs[index];
    return value?.constant == null ? null : (this.#parameters.get(value.name) ?? null);
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
