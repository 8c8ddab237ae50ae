import { type Node, UnsupportedError } from '@espalier/core';
import type { Geometry } from '@espalier/kernels';
import { placeWindow, planesOf, readWindow, type Window } from '@espalier/runtime/tape';
import type { OperatorCall } from '../step/operator-call.js';
import type { Differentiable, Recorded } from './differentiable.js';

/** AveragePool of one or two spatial axes. */
export const averagePool: Differentiable = {
  refusal(node) {
    const window = windowOf(node);
    return 'reason' in window ? window.reason : null;
  },
  record(call) {
    const window = windowOf(call.node);
    if ('reason' in window) throw new UnsupportedError({ what: `${window.reason}.`, where: call.where });
    const { dims } = call.input(0);
    const { geometry } = placeWindow(call.node, window, dims, dims[1] ?? 0, 1);
    return mean(call, geometry, call.node.attributes.int('count_include_pad', 0));
  },
};

/** GlobalAveragePool: one window over all pixels, seen as one row. */
export const globalAveragePool: Differentiable = {
  record(call) {
    const { batch, channels, spatial } = planesOf(call.input(0).dims);
    return mean(call, oneWindow(batch, channels, spatial), 0);
  },
};

function mean(call: OperatorCall, geometry: Geometry, includePad: number): Recorded {
  const { step } = call;
  const x = call.input(0);
  const y = step.reals(call.dims, 'channels-last');
  const whole = call.integerForm(null)?.read(x, 'channels-last');
  const from = whole?.x ?? x.reals('channels-last');
  step.call('averagePoolF32', [step.geometry(geometry), from, y.reals('channels-last'), includePad]);
  return {
    ...(whole?.requantize(y, 1, call.bounds) ?? { output: y }),
    backward(gradient) {
      if (!call.wants(0)) return;
      const dx = step.reals(x.dims, 'channels-last');
      const arrays = [gradient.reals('channels-last'), dx.reals('channels-last')];
      const macs = y.size * geometry.kernelHeight * geometry.kernelWidth;
      step.split('averagePoolGradientF32', geometry.batch, macs, ({ first, end }) => {
        const rows = { first: first * geometry.outputHeight, end: end * geometry.outputHeight };
        return [step.geometry(geometry, rows), ...arrays, includePad];
      });
      call.give(0, dx);
    },
  };
}

function windowOf(node: Node): Window | { readonly reason: string } {
  const kernel = node.attributes.ints('kernel_shape', []);
  if (kernel.length < 1 || kernel.length > 2) return { reason: `its window has rank ${kernel.length}` };
  return readWindow(node.attributes, kernel);
}

function oneWindow(batch: number, channels: number, pixels: number): Geometry {
  return {
    batch,
    inputHeight: 1,
    inputWidth: pixels,
    inputChannels: channels,
    outputHeight: 1,
    outputWidth: 1,
    outputChannels: channels,
    kernelHeight: 1,
    kernelWidth: pixels,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: 0,
    padLeft: 0,
    padBottom: 0,
    padRight: 0,
    groups: 1,
  };
}
