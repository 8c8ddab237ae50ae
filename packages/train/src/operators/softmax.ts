import { reductions } from '@espalier/kernels';
import { memoryAxis, splitAround } from '@espalier/runtime/tape';
import { recordPair } from '../step/broadcast.js';
import type { Differentiable } from './differentiable.js';

/** Softmax along one axis: dx = y (dy - sum(y dy)). */
export const softmax: Differentiable = {
  isBounded: true,
  record(call) {
    const { step } = call;
    const x = call.input(0);
    const { layout } = x;
    const rank = x.dims.length;
    const axis = (call.node.attributes.int('axis', -1) + rank) % rank;
    const { outer, length, inner } = splitAround(x.dims, layout, memoryAxis(axis, rank, layout));
    const y = step.reals(call.dims, layout);
    step.call('softmaxF32', [outer, length, inner, x.reals(layout), y.reals(layout), 0]);
    return {
      output: y,
      backward(gradient) {
        if (!call.wants(0)) return;
        const dx = step.reals(x.dims, layout);
        const to = dx.reals(layout);
        const dims = [outer, length, inner];
        const shape = { dims, layout: 'row-major' } as const;
        const [dy, values] = [
          { dims, at: gradient.reals(layout) },
          { dims, at: y.reals(layout) },
        ];
        const sums = { dims: [outer, 1, inner], at: step.scratch(outer * inner * 4) };
        recordPair(step, 'mulF32', shape, dy, values, to);
        step.call('reduceF32', [reductions.sum, outer, length, inner, to, sums.at]);
        recordPair(step, 'subF32', shape, dy, sums, to);
        recordPair(step, 'mulF32', shape, { dims, at: to }, values, to);
        call.give(0, dx);
      },
    };
  },
};
