import { type Node, UnsupportedError } from '@espalier/core';
import { placeWindow, readWindow, type Window } from '@espalier/runtime/tape';
import type { Differentiable } from './differentiable.js';

/** MaxPool of one or two spatial axes. Of equal values the first one gets the gradient. */
export const maxPool: Differentiable = {
  moves: true,
  refusal(node) {
    const window = windowOf(node);
    return 'reason' in window ? window.reason : null;
  },
  record(call) {
    const { step, node } = call;
    const x = call.input(0);
    const window = windowOf(node);
    if ('reason' in window)
      throw new UnsupportedError({ what: `MaxPool: ${window.reason}.`, where: call.where });
    const { geometry } = placeWindow(node, window, x.dims, x.dims[1] ?? 0, 1);
    const y = step.reals(call.dims, 'channels-last');
    step.call('maxPoolF32', [step.geometry(geometry), x.reals('channels-last'), y.reals('channels-last')]);
    return {
      output: y,
      backward(gradient) {
        if (!call.wants(0)) return;
        const dx = step.reals(x.dims, 'channels-last');
        const arrays = [x, y, gradient, dx].map((one) => one.reals('channels-last'));
        // A comparison and a sum a tap: as long as some four products.
        const macs = 4 * y.size * geometry.kernelHeight * geometry.kernelWidth;
        step.split('maxPoolGradientF32', geometry.batch, macs, ({ first, end }) => {
          const rows = { first: first * geometry.outputHeight, end: end * geometry.outputHeight };
          return [step.geometry(geometry, rows), ...arrays];
        });
        call.give(0, dx);
      },
    };
  },
};

function windowOf(node: Node): Window | { readonly reason: string } {
  const kernel = node.attributes.ints('kernel_shape', []);
  if (kernel.length < 1 || kernel.length > 2) return { reason: `its window has rank ${kernel.length}` };
  if (node.outputs[1] != null) return { reason: 'its output "Indices" is asked for' };
  return readWindow(node.attributes, kernel);
}
