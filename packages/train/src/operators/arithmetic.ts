import { elementCount, type Node, type Value } from '@espalier/core';
import { unaryFunctions } from '@espalier/kernels';
import { type Argument, commonLayout, type Layout } from '@espalier/runtime/tape';
import { type PairKernel, recordPair, recordSumTo, type Shaped } from '../step/broadcast.js';
import { type Operand, operandOf } from '../step/operand.js';
import type { OperatorCall } from '../step/operator-call.js';
import type { Differentiable, ParameterSlot, Recorded } from './differentiable.js';

/** Axes that `permute` can repeat along, however they stand. */
const MOST_AXES = 5;

export const add: Differentiable = arithmetic('addF32', ({ dy, give, sum }) => {
  for (const side of [0, 1] as const) give(side, (to) => sum(dy, to));
});

export const sub: Differentiable = arithmetic('subF32', ({ dy, give, sum, negate }) => {
  give(0, (to) => sum(dy, to));
  give(1, (to) => {
    sum(dy, to);
    negate(to);
  });
});

/** Mul: da = dy b, db = dy a. */
export const mul: Differentiable = arithmetic('mulF32', ({ dy, give, sum, pair, sides }) => {
  for (const side of [0, 1] as const) give(side, (to) => sum(pair('mulF32', dy, sides[1 - side]), to));
});

/** Div: da = dy / b, db = -(dy / b) y. */
export const div: Differentiable = arithmetic('divF32', ({ dy, y, give, sum, pair, negate, sides }) => {
  give(0, (to) => sum(pair('divF32', dy, sides[1]), to));
  give(1, (to) => {
    sum(pair('mulF32', pair('divF32', dy, sides[1]), y), to);
    negate(to);
  });
});

/** What the gradients of two operands are made from; tensors have the shape of the result unless it is said. */
interface Backward {
  readonly dy: Shaped;
  readonly y: Shaped;
  readonly sides: readonly [Shaped, Shaped];
  /** Adds to the gradient of an operand, where one is wanted; `write` writes all of it. */
  give(side: 0 | 1, write: (to: Target) => void): void;
  /** Writes the sum of a tensor over the axes along which the operand was repeated. */
  sum(from: Shaped, to: Target): void;
  /** An elementwise kernel, into scratch. */
  pair(kernel: PairKernel, a: Shaped, b: Shaped | undefined): Shaped;
  negate(to: Target): void;
}

/** The gradient of an operand, and its shape. */
interface Target {
  readonly dims: readonly number[];
  readonly at: Argument;
}

/** An operator of two operands under ONNX's broadcasting, computed or constant. */
function arithmetic(kernel: PairKernel, backward: (given: Backward) => void): Differentiable {
  return {
    // A quotient's gradient needs it as it was.
    clamps: kernel !== 'divF32',
    parameters: (node) => [...slotsOf(node)],
    refusal,
    record: (call) => record(call, kernel, backward),
  };
}

function* slotsOf(node: Node): Generator<ParameterSlot> {
  for (const index of [0, 1]) {
    const value = node.inputs[index];
    if (value?.constant == null) continue;
    const isFixed = isPartOfFormula(value.constant.dims, node.inputs[1 - index]);
    yield { index, layout: 'row-major', isFixed, isBias: true };
  }
}

/** Whether a constant is one number for many elements, like the 3 and the 6 of x (x + 3) / 6: no weight. */
function isPartOfFormula(dims: readonly number[], other: Value | null | undefined): boolean {
  if (elementCount(dims) > 1) return false;
  // A bias of a layer of one output is one number too.
  const last = other?.type?.dims?.at(-1);
  return dims.length === 0 || last !== 1;
}

function refusal(node: Node): string | null {
  const [a, b] = node.inputs.map((value) => value?.constant?.dims ?? value?.type?.dims ?? null);
  if (a == null || b == null) return 'the shapes of its inputs are not known';
  return Math.max(a.length, b.length) > MOST_AXES ? `its inputs have more than ${MOST_AXES} axes` : null;
}

function record(call: OperatorCall, kernel: PairKernel, backward: (given: Backward) => void): Recorded {
  const { step, bounds, dims } = call;
  const operands = [operandOf(call, 0), operandOf(call, 1)] as const;
  const layout = commonLayout(dims, operands);
  const shape = { dims, layout };
  const y = step.reals(dims, layout);
  const shaped = (operand: Operand): Shaped => ({
    dims: operand.dims,
    at: operand.reals(layoutOf(operand, dims, layout)),
  });
  const [a, b] = operands.map(shaped) as [Shaped, Shaped]; // of two
  // The kernel repeats its second operand.
  const swapped = (kernel === 'addF32' || kernel === 'mulF32') && operands[0].size < y.size;
  recordPair(step, kernel, shape, swapped ? b : a, swapped ? a : b, y.reals(layout), bounds);
  return {
    output: y,
    backward(gradient) {
      const dy = call.beforeClamp(gradient, y, layout);
      backward({
        dy: { dims, at: dy.reals(layout) },
        y: { dims, at: y.reals(layout) },
        sides: operands.map(shaped) as [Shaped, Shaped], // of two
        give(side, write) {
          const operand = operands[side];
          if (!operand.isWanted) return;
          operand.give(layoutOf(operand, dims, layout), (at) => write({ dims: operand.dims, at }));
        },
        sum: (from, to) => recordSumTo(step, shape, to.dims, from.at, to.at),
        pair(name, first, second) {
          const at = step.scratch(y.size * 4);
          if (second !== undefined) recordPair(step, name, shape, first, second, at);
          return { dims, at };
        },
        negate: ({ dims: own, at }) =>
          step.call('unaryF32', [unaryFunctions.neg, elementCount(own), at, at, 0, 0]),
      });
      if (dy !== gradient) dy.release();
    },
  };
}

/** An operand of lower rank has no channels: it stands as its own dims say. */
function layoutOf(operand: Operand, dims: readonly number[], layout: Layout): Layout {
  return operand.dims.length < dims.length ? 'row-major' : layout;
}
