import {
  type ConvWindow,
  convScratchBytes,
  depthwiseScratchBytes,
  packConvF32,
  packDepthwiseConvF32,
  packDepthwiseConvI8,
  placeConvI8,
} from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { type ConvShape, convShape, placing, splitRows } from './conv-shape.js';
import { type IntegerProduct, readIntegerProduct, weightOf } from './integer-weights.js';
import { isFloat32Value, knownRows, knownSize, needed } from './operands.js';
import { readWindow, type Window } from './window.js';

/** Convolution of one or two spatial axes in float32, constant weights. */
export function planConvFloat32(job: Job): Planned | Refusal {
  const [x, w, b] = job.node.inputs;
  const weights = job.constant(w);
  const bias = job.constant(b);
  if (weights === null || (b != null && bias === null)) return refuse('its weights are not constant');
  if (!isFloat32Value(x) || weights.type !== 'float32') return refuse('it is not float32');
  const shape = convShape(job, weights.dims);
  if ('reason' in shape) return shape;
  const window = readWindow(job.node.attributes, shape.kernel);
  if ('reason' in window) return window;
  const parts = {
    ...shape,
    channels: shape.outputChannels,
    data: weights.data as Float32Array,
    bias: bias === null ? undefined : (bias.data as Float32Array),
    window: knownWindow(job, window),
  };
  const { clamp } = job;
  const { heap } = job.workspace;
  const packed = heap.place(shape.depthwise ? packDepthwiseConvF32(parts) : packConvF32(parts));
  const place = placing(job, shape, window);
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = place(input);
    const output = Activation.reals(recorder, outputDims, 'channels-last');
    const [from, to] = [input.reals('channels-last'), output.reals('channels-last')];
    splitRows(recorder, shape.depthwise ? 'depthwiseConvF32' : 'convF32', geometry, (at) => {
      const bytes = shape.depthwise ? depthwiseScratchBytes(geometry, 4) : convScratchBytes(geometry, 4);
      const args = [at, from, packed, to, clamp.low, clamp.high, recorder.scratch(bytes)];
      return shape.depthwise ? args : [...args, bytes];
    });
    return [output];
  };
  return { compute, packed: [1, 2] };
}

/** Convolution of codes with integer weights. */
export function planConvInt8(job: Job): Planned | Refusal {
  const weight = weightOf(job);
  if ('reason' in weight) return weight;
  const shape = convShape(job, weight.dims);
  if ('reason' in shape) return shape;
  const rowLength = shape.channelsPerGroup * shape.kernelHeight * shape.kernelWidth;
  const product = readIntegerProduct(job, weight, 0, shape.outputChannels, rowLength);
  if ('reason' in product) return product;
  const window = readWindow(job.node.attributes, shape.kernel);
  return 'reason' in window ? window : convInt8(job, shape, window, product);
}

function convInt8(job: Job, shape: ConvShape, window: Window, product: IntegerProduct): Planned {
  const { x, y, low, high } = product;
  const parts = {
    ...shape,
    ...product,
    channels: shape.outputChannels,
    data: product.weight.codes,
    window: knownWindow(job, window),
    expectedRows: knownRows(job.outputs[0], 1),
    inputZero: x.zero,
  };
  const { heap, kernels } = job.workspace;
  const packed = shape.depthwise
    ? heap.place(packDepthwiseConvI8(parts, kernels.weightFormat))
    : placeConvI8(kernels, parts, kernels.weightFormat);
  const place = placing(job, shape, window);
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = place(input);
    const output = Activation.codes(recorder, outputDims, 'channels-last', y);
    const [from, to] = [input.codes('channels-last'), output.codes('channels-last')];
    splitRows(recorder, shape.depthwise ? 'depthwiseConvI8' : 'convI8', geometry, (at) => {
      const bytes = shape.depthwise ? depthwiseScratchBytes(geometry, 1) : convScratchBytes(geometry, 2);
      const args = [at, from, packed, to, x.zero, y.zero, low, high, recorder.scratch(bytes)];
      return shape.depthwise ? args : [...args, bytes];
    });
    return [output];
  };
  return { compute, packed: [1, 2] };
}

/** What is known of the window when weights are packed; undefined for one axis. */
function knownWindow(job: Job, { kernel, strides, dilations }: Window): ConvWindow | undefined {
  const [strideHeight = 1, strideWidth = 1] = strides;
  const [dilationHeight = 1, dilationWidth = 1] = dilations;
  if (kernel.length !== 2) return undefined;
  const [outputHeight, outputWidth] = [knownSize(job.outputs[0], 2), knownSize(job.outputs[0], 3)];
  return { strideHeight, strideWidth, dilationHeight, dilationWidth, outputHeight, outputWidth };
}
