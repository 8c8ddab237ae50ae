import type { Node } from '@espalier/core';
import { permuteWords } from '@espalier/kernels';
import { memoryAxis, memoryDims } from '@espalier/runtime/tape';
import type { Differentiable } from './differentiable.js';

/** Axes that `permute` knows in any order. */
const MOST_AXES = 6;

/** Transpose: the gradient goes back in the order that undoes it. */
export const transpose: Differentiable = {
  moves: true,
  refusal(node) {
    const rank = orderOf(node)?.length;
    if (rank === undefined) return 'the shape of its input is not known';
    return rank > MOST_AXES ? `its input has more than ${MOST_AXES} axes` : null;
  },
  record(call) {
    const { step } = call;
    const x = call.input(0);
    const order = orderOf(call.node) ?? [];
    const { layout } = x;
    const rank = order.length;
    // Where each axis of the result lies in memory.
    const inMemory = order.map((axis) => memoryAxis(axis, rank, layout));
    const forth = permuteWords(memoryDims(x.dims, layout), inMemory, 4);
    const back = permuteWords(call.dims, inverse(inMemory), 4);
    const y = step.reals(call.dims, 'row-major');
    if (forth === null || back === null) return { output: y, backward() {} }; // refused where it has too many axes
    step.call('permute', [step.held(forth), x.reals(layout), y.reals('row-major')]);
    return {
      output: y,
      backward(gradient) {
        if (!call.wants(0)) return;
        const dx = step.reals(x.dims, layout);
        step.call('permute', [step.held(back), gradient.reals('row-major'), dx.reals(layout)]);
        call.give(0, dx);
      },
    };
  },
};

function orderOf({ inputs, attributes }: Node): readonly number[] | null {
  if (attributes.has('perm')) return attributes.ints('perm', []);
  const rank = inputs[0]?.type?.dims?.length;
  return rank === undefined ? null : Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
}

function inverse(order: readonly number[]): readonly number[] {
  const found = new Array<number>(order.length).fill(0);
  for (const [place, axis] of order.entries()) found[axis] = place;
  return found;
}
