import type { Differentiable } from './differentiable.js';

/** The same elements in the same order under another shape, which shape inference knows. */
export const reshape: Differentiable = {
  moves: true,
  record(call) {
    const { step } = call;
    const x = call.input(0);
    const y = step.reals(call.dims, 'row-major');
    step.copy(x.size * 4, x.reals('row-major'), y.reals('row-major'));
    return {
      output: y,
      backward(gradient) {
        if (!call.wants(0)) return;
        const dx = step.reals(x.dims, 'row-major');
        step.copy(x.size * 4, gradient.reals('row-major'), dx.reals('row-major'));
        call.give(0, dx);
      },
    };
  },
};
