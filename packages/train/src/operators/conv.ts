import { type Node, UnsupportedError } from '@espalier/core';
import { convScratchBytes, type Geometry, packedGemmF32Bytes } from '@espalier/kernels';
import { convInputGradientScratchBytes, convWeightGradientScratchBytes } from '@espalier/kernels/train';
import {
  type Activation,
  type Address,
  type Argument,
  placeWindow,
  readWindow,
  type Window,
} from '@espalier/runtime/tape';
import { plus } from '../step/argument.js';
import type { Bounds, OperatorCall } from '../step/operator-call.js';
import type { StepRecorder } from '../step/step-recorder.js';
import { sumRows } from './column-sums.js';
import { DepthwiseLayer, isDepthwise } from './depthwise.js';
import type { Differentiable } from './differentiable.js';
import { inParts } from './parts.js';
import {
  packForWinograd,
  packTurned,
  suitsWinograd,
  suitsWinogradGradient,
  turned,
  winogradWeightGradient,
} from './winograd.js';

/** Bytes before packed weights that say how they are packed: zeros, for panels. */
const HEADER_BYTES = 16;

const unbounded: Bounds = { low: -Infinity, high: Infinity };

/** Convolution of one or two spatial axes with constant weights, any stride, padding, dilation and groups. */
export const conv: Differentiable = {
  clamps: true,
  parameters: () => [
    { index: 1, layout: 'channels-last' },
    { index: 2, layout: 'row-major', unit: [0, 1] },
  ],
  refusal(node) {
    if (node.inputs[1]?.constant == null) return 'its weights are not constant';
    if (node.inputs[2] != null && node.inputs[2].constant === null) return 'its bias is not constant';
    const window = windowOf(node);
    return 'reason' in window ? window.reason : null;
  },
  record(call) {
    const { step, bounds } = call;
    const x = call.input(0);
    const [weights, bias] = [call.parameter(1), call.parameter(2)];
    const geometry = geometryOf(call, x.dims);
    const layer = isDepthwise(geometry) ? new DepthwiseLayer(step, geometry) : new Layer(step, geometry);
    const y = step.reals(call.dims, 'channels-last');
    const to = y.reals('channels-last');
    const w = weights?.effective ?? 0; // Refused where it is not constant.
    const whole = call.integerForm({ index: 1, axis: 0 })?.read(x, 'channels-last', weights, bias);
    if (whole === undefined) layer.forward(x.reals('channels-last'), w, bias?.effective ?? 0, to, bounds);
    else layer.forward(whole.x, whole.weights, whole.bias, to, unbounded);
    return {
      ...(whole?.requantize(y, geometry.outputChannels, bounds) ?? { output: y }),
      backward(gradient) {
        const dy = call.beforeClamp(gradient, y, 'channels-last');
        const from = dy.reals('channels-last');
        call.giveParameter(bias, (to) => sumRows(step, layer.pixels, geometry.outputChannels, from, to));
        call.giveParameter(weights, (to) => layer.weightGradient(x.reals('channels-last'), from, to));
        if (call.wants(0)) call.give(0, layer.inputGradient(from, w, x.dims));
        if (dy !== gradient) dy.release();
      },
    };
  },
};

function windowOf(node: Node): Window | { readonly reason: string } {
  const kernel = node.inputs[1]?.constant?.dims.slice(2) ?? [];
  if (kernel.length < 1 || kernel.length > 2) return { reason: `its kernel has rank ${kernel.length}` };
  return readWindow(node.attributes, kernel);
}

function geometryOf({ node, where }: OperatorCall, dims: readonly number[]): Geometry {
  const window = windowOf(node);
  if ('reason' in window) throw new UnsupportedError({ what: `Conv: ${window.reason}.`, where });
  const outputs = node.inputs[1]?.constant?.dims[0] ?? 0;
  return placeWindow(node, window, dims, outputs, node.attributes.int('group', 1)).geometry;
}

/** A convolution and its gradients: addresses of NHWC pictures, and of weights as they are held. */
export interface ConvolutionLayer {
  /** Of the output, of all images. */
  readonly pixels: number;
  forward(x: Argument, w: Argument, bias: Argument, y: Argument, bounds: Bounds): void;
  inputGradient(dy: Argument, w: number, dims: readonly number[]): Activation;
  weightGradient(x: Argument, dy: Address, to: Argument): void;
}

/**
 * A convolution and its gradients: as matrix products of each group, `outputs` by `columns` weights, or by Winograd's
 * algorithm (`npm run -s bench -- training resnet-8 --ours` times a step).
 */
class Layer implements ConvolutionLayer {
  readonly pixels: number;
  readonly #step: StepRecorder;
  readonly #geometry: Geometry;
  readonly #columns: number;
  readonly #outputs: number;

  constructor(step: StepRecorder, geometry: Geometry) {
    const { batch, outputHeight, outputWidth, kernelHeight, kernelWidth, inputChannels, groups } = geometry;
    this.#step = step;
    this.#geometry = geometry;
    this.pixels = batch * outputHeight * outputWidth;
    this.#columns = kernelHeight * kernelWidth * (inputChannels / groups);
    this.#outputs = geometry.outputChannels / groups;
  }

  get #macs(): number {
    return this.pixels * this.#geometry.outputChannels * this.#columns;
  }

  forward(x: Argument, w: Argument, bias: Argument, y: Argument, bounds: Bounds): void {
    const [step, geometry] = [this.#step, this.#geometry];
    const packed = suitsWinograd(geometry)
      ? packForWinograd(step, geometry, w, bias)
      : this.#packPanels(w, bias);
    this.#convolve(geometry, x, packed, y, bounds);
  }

  /** Image by image. */
  inputGradient(dy: Argument, w: number, dims: readonly number[]): Activation {
    const [step, geometry, n, k] = [this.#step, this.#geometry, this.#columns, this.#outputs];
    const dx = step.reals(dims, 'channels-last');
    const to = dx.reals('channels-last');
    const back = suitsWinograd(geometry) ? turned(geometry) : null;
    if (back !== null && suitsWinograd(back)) {
      this.#convolve(back, dy, packTurned(step, geometry, w), to, unbounded);
      return dx;
    }
    const groupBytes = packedGemmF32Bytes(n, k);
    const packed = step.scratch(groupBytes * geometry.groups);
    for (let group = 0; group < geometry.groups; group++) {
      step.call('packGemmBF32', [n, k, w + group * n * k * 4, n, 1, 0, packed.plus(group * groupBytes)]);
    }
    const bytes = convInputGradientScratchBytes(geometry);
    step.split('convInputGradientF32', geometry.batch, this.#macs, ({ first, end }) => {
      const rows = { first: first * geometry.outputHeight, end: end * geometry.outputHeight };
      return [step.geometry(geometry, rows), dy, packed, to, step.scratch(bytes), bytes];
    });
    return dx;
  }

  weightGradient(x: Argument, dy: Address, to: Argument): void {
    const [step, geometry] = [this.#step, this.#geometry];
    if (suitsWinogradGradient(geometry)) {
      winogradWeightGradient(step, geometry, x, dy, to);
      return;
    }
    const { batch, outputHeight, outputChannels } = geometry;
    const bytes = convWeightGradientScratchBytes(geometry);
    inParts(step, batch, outputChannels * this.#columns, to, ({ images, parts, partial }) => {
      step.split('convWeightGradientF32', parts, this.#macs, ({ first, end }) => {
        const rowsOfPart = images * outputHeight;
        const rows = { first: first * rowsOfPart, end: Math.min(end * rowsOfPart, batch * outputHeight) };
        return [step.geometry(geometry, rows), images, x, dy, partial, step.scratch(bytes), bytes];
      });
    });
  }

  #packPanels(w: Argument, bias: Argument): Address {
    const [step, { groups }, n, k] = [this.#step, this.#geometry, this.#outputs, this.#columns];
    const groupBytes = packedGemmF32Bytes(n, k);
    const packed = step.scratch(HEADER_BYTES + groupBytes * groups);
    step.copy(HEADER_BYTES, step.zeros(HEADER_BYTES), packed);
    for (let group = 0; group < groups; group++) {
      const from = plus(w, group * n * k * 4);
      const groupBias = bias === 0 ? 0 : plus(bias, group * n * 4);
      const to = packed.plus(HEADER_BYTES + group * groupBytes);
      step.call('packGemmBF32', [n, k, from, 1, k, groupBias, to]);
    }
    return packed;
  }

  #convolve(geometry: Geometry, x: Argument, packed: Address, y: Argument, { low, high }: Bounds): void {
    const step = this.#step;
    const bytes = convScratchBytes(geometry, 4);
    const rows = geometry.batch * geometry.outputHeight;
    const sharing = { leastRows: Math.ceil(64 / Math.max(geometry.outputWidth, 1)), unit: 2 };
    const argsOf = (range: { first: number; end: number }) => [
      step.geometry(geometry, range),
      ...[x, packed, y, low, high, step.scratch(bytes), bytes],
    ];
    step.split('convF32', rows, this.#macs, argsOf, sharing);
  }
}
