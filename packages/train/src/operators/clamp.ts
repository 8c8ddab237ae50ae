import { clampOf } from '@espalier/runtime/tape';
import type { Differentiable } from './differentiable.js';

/** Relu, and Clip with constant bounds. */
export const clamp: Differentiable = {
  isBounding: true,
  refusal: (node) => (clampOf(node) === null ? 'its bounds are not constant' : null),
  record(call) {
    const { step } = call;
    const x = call.input(0);
    const { low, high } = clampOf(call.node) ?? call.bounds;
    const { layout } = x;
    const y = step.reals(call.dims, layout);
    step.call('clampF32', [x.size, x.reals(layout), y.reals(layout), low, high]);
    return {
      output: y,
      backward(gradient) {
        if (!call.wants(0)) return;
        const dx = step.reals(x.dims, layout);
        const args = [y.size, y.reals(layout), gradient.reals(layout), dx.reals(layout), low, high];
        step.call('clampGradientF32', args);
        call.give(0, dx);
      },
    };
  },
};
