import type { Node } from '@espalier/core';
import type { Activation, Argument, Layout } from '@espalier/runtime/tape';
import type { OperatorCall } from '../step/operator-call.js';
import { sumRows } from './column-sums.js';
import type { Differentiable, Recorded } from './differentiable.js';

/** Add of two activations of one shape, or of an activation and a bias for each channel or column. */
export const add: Differentiable = {
  clamps: true,
  parameters: (node) => [{ index: constantIndex(node), layout: 'row-major' }],
  refusal(node) {
    const constant = node.inputs[constantIndex(node)];
    if (constant?.constant == null) return sameShape(node) ? null : 'its inputs have unlike shapes';
    const other = node.inputs[1 - constantIndex(node)]?.type?.dims ?? [];
    return biasLayout(constant.constant.dims, other) === null ? 'its constant is no bias' : null;
  },
  record(call) {
    const index = constantIndex(call.node);
    return call.parameter(index) === null ? sumOfTwo(call) : withBias(call, index);
  },
};

function constantIndex(node: Node): 0 | 1 {
  return node.inputs[0]?.constant == null ? 1 : 0;
}

function sameShape(node: Node): boolean {
  const [a, b] = node.inputs.map((value) => value?.type?.dims?.join());
  return a !== undefined && a === b;
}

/** How the activation is to be laid out so that the bias is a row; null where it is no bias. */
function biasLayout(bias: readonly number[], dims: readonly (number | string | null)[]): Layout | null {
  const size = bias.reduce((a, b) => a * b, 1);
  // One number for all: a column of its own.
  if (size === 1 && bias.length <= dims.length) return 'row-major';
  const aligned = [...dims.map(() => 1), ...bias].slice(-dims.length);
  const axis = aligned.findIndex((dim) => dim !== 1);
  if (bias.length > dims.length || aligned[axis] !== size) return null;
  if (axis === dims.length - 1 && dims[axis] === size) return 'row-major';
  return axis === 1 && dims[1] === size ? 'channels-last' : null;
}

function sumOfTwo(call: OperatorCall): Recorded {
  const { step, bounds } = call;
  const [a, b] = [call.input(0), call.input(1)];
  const { layout } = a;
  const y = step.reals(call.dims, layout);
  const args: Argument[] = [1, a.size, a.reals(layout), b.reals(layout), a.size, 1, y.reals(layout)];
  step.call('addF32', [...args, bounds.low, bounds.high]);
  return {
    output: y,
    backward(gradient) {
      const dy = call.beforeClamp(gradient, y, layout);
      for (const index of [0, 1]) if (call.wants(index)) call.give(index, copyOf(call, dy));
      if (dy !== gradient) dy.release();
    },
  };
}

function withBias(call: OperatorCall, index: 0 | 1): Recorded {
  const { step, bounds } = call;
  const x = call.input(1 - index);
  const bias = call.parameter(index);
  const size = bias?.size ?? 1;
  const layout = biasLayout(bias?.spec.dims ?? [], x.dims) ?? 'row-major';
  const y = step.reals(call.dims, layout);
  const rows = x.size / size;
  const args = [rows, size, x.reals(layout), bias?.effective ?? 0, 0, 1, y.reals(layout)];
  step.call('addF32', [...args, bounds.low, bounds.high]);
  return {
    output: y,
    backward(gradient) {
      const dy = call.beforeClamp(gradient, y, layout);
      call.giveParameter(bias, (to) => sumRows(step, rows, size, dy.reals(layout), to));
      if (call.wants(1 - index)) call.give(1 - index, copyOf(call, dy));
      if (dy !== gradient) dy.release();
    },
  };
}

/** A gradient of its own for each input. */
function copyOf({ step }: OperatorCall, gradient: Activation): Activation {
  const { layout, dims, size } = gradient;
  const copy = step.reals(dims, layout);
  step.copy(size * 4, gradient.reals(layout), copy.reals(layout));
  return copy;
}
