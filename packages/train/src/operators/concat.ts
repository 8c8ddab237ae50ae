import { elementCount, type Node } from '@espalier/core';
import { type Argument, type Layout, layoutsAgree } from '@espalier/runtime/tape';
import { plus } from '../step/argument.js';
import { type Operand, operandOf } from '../step/operand.js';
import type { OperatorCall } from '../step/operator-call.js';
import type { Differentiable } from './differentiable.js';

/** Concat of computed and constant parts. */
export const concat: Differentiable = {
  parameters: ({ inputs }) => inputs.map((_, index) => ({ index, layout: 'row-major', isBias: true })),
  record(call) {
    const { step } = call;
    const parts = call.node.inputs.map((_, index) => operandOf(call, index));
    const { layout, rows } = placement(call, parts);
    const y = step.reals(call.dims, layout);
    const stride = (y.size / rows) * 4;
    const starts = startsOf(parts);
    const copy = (part: Operand, from: Argument, fromStride: number, to: Argument, toStride: number) =>
      step.call('copyRows', [rows, (part.size / rows) * 4, from, fromStride, to, toStride]);
    for (const [index, part] of parts.entries()) {
      const to = plus(y.reals(layout), ((starts[index] ?? 0) / rows) * 4);
      copy(part, part.reals(layout), (part.size / rows) * 4, to, stride);
    }
    return {
      output: y,
      backward(gradient) {
        const dy = gradient.reals(layout);
        for (const [index, part] of parts.entries()) {
          if (!part.isWanted) continue;
          const from = plus(dy, ((starts[index] ?? 0) / rows) * 4);
          part.give(layout, (to) => copy(part, from, stride, to, (part.size / rows) * 4));
        }
      },
    };
  },
};

/** Elements of the parts before each one. */
function startsOf(parts: readonly Operand[]): readonly number[] {
  let start = 0;
  return parts.map(({ size }) => {
    start += size;
    return start - size;
  });
}

/** The layout in which parts are joined, and the rows of each of which one is joined to one of the next. */
function placement(
  { node, dims }: OperatorCall,
  parts: readonly Operand[],
): { readonly layout: Layout; readonly rows: number } {
  const axis = axisOf(node, dims.length);
  // Along channels, parts that are channels-last are joined pixel by pixel.
  if (axis === 1 && !layoutsAgree(dims) && parts.some(({ layout }) => layout === 'channels-last'))
    return { layout: 'channels-last', rows: elementCount(dims) / (dims[1] ?? 1) };
  return { layout: 'row-major', rows: elementCount(dims.slice(0, axis)) };
}

function axisOf({ attributes }: Node, rank: number): number {
  const axis = attributes.int('axis', 0);
  return axis < 0 ? axis + rank : axis;
}
