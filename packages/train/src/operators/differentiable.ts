import type { Node } from '@espalier/core';
import type { Activation, Layout } from '@espalier/runtime/tape';
import type { OperatorCall } from '../step/operator-call.js';

/** An input that is a weight where it is constant, and the order of elements it is held in. */
export interface ParameterSlot {
  readonly index: number;
  readonly layout: Layout;
  /** Changed by running the network in training, not by the optimizer: the running statistics of a norm. */
  readonly isState?: boolean;
  /** Changed by nothing: a number that belongs to the operator. */
  readonly isFixed?: boolean;
  /** Left out of penalties on weights, whatever its shape. */
  readonly isBias?: boolean;
  /** Of a bias of products: the inputs whose scales are its unit where they are quantized, data and weights. */
  readonly unit?: readonly [number, number];
}

/** What was recorded of a node with one result. */
export interface Recorded {
  readonly output: Activation;
  /** The output on its grid, where that is what was computed; where nothing is kept for the way back, the output itself. */
  readonly rounded?: Activation;
  /** Records how the gradient of the output becomes those of the inputs that want one. The gradient stays the caller's. */
  backward(gradient: Activation): void;
}

/** What was recorded of a node that may have several results. */
export interface RecordedOutputs {
  /** One for each output of the node that has a name. */
  readonly outputs: readonly (Activation | null)[];
  /** As above, of the first output. */
  readonly rounded?: Activation;
  /** As above; null for an output that nothing depends on, but not for all of them. */
  backwardAll(gradients: readonly (Activation | null)[]): void;
}

/** How an operator is computed and differentiated. One entry of the table. */
export interface Differentiable {
  readonly parameters?: (node: Node) => readonly ParameterSlot[];
  /** Why this node can't be trained through, as half a sentence; null where it can. Inputs know their types. */
  readonly refusal?: (node: Node) => string | null;
  /** Whether it applies a clamp that follows it by itself. */
  readonly clamps?: boolean;
  /** Whether its results are elements of its first input: on its grid, where that is quantized. */
  readonly moves?: boolean;
  /** Whether it only keeps elements within bounds. */
  readonly isBounding?: boolean;
  /** Whether the range of its results is known beforehand. */
  readonly isBounded?: boolean;
  record(call: OperatorCall): Recorded | RecordedOutputs;
}

/** What was recorded, whatever the number of results. */
export function outputsOf(recorded: Recorded | RecordedOutputs): RecordedOutputs {
  if ('outputs' in recorded) return recorded;
  return {
    outputs: [recorded.output],
    ...(recorded.rounded === undefined ? {} : { rounded: recorded.rounded }),
    backwardAll([gradient]) {
      if (gradient != null) recorded.backward(gradient);
    },
  };
}
