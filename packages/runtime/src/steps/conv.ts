import { ShapeError } from '@espalier/core';
import {
  type ConvWindow,
  convScratchBytes,
  depthwiseScratchBytes,
  type Geometry,
  packConvF32,
  packDepthwiseConvF32,
  packDepthwiseConvI8,
  placeConvI8,
} from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import type { AnyKernelName } from '../memory/workspace.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import type { Argument } from '../tape/block.js';
import type { Recorder } from '../tape/recorder.js';
import { type IntegerProduct, readIntegerProduct, weightOf } from './integer-weights.js';
import { isFloat32Value, knownRows, knownSize, needed } from './operands.js';
import { type Placement, placeWindow, readWindow, type Window } from './window.js';

/** Shape of Conv's weight, [outputChannels, channelsPerGroup, ...kernel]. */
export interface ConvShape {
  readonly outputChannels: number;
  readonly channelsPerGroup: number;
  readonly kernel: readonly number[];
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly groups: number;
  /** Whether each channel has a kernel of its own. */
  readonly depthwise: boolean;
}

/** The weight's shape with one or two spatial axes. */
export function convShape(job: Job, dims: readonly number[]): ConvShape | Refusal {
  const [outputChannels = 0, channelsPerGroup = 0, ...kernel] = dims;
  const [first = 1, second] = kernel;
  if (kernel.length < 1 || kernel.length > 2)
    return refuse(`a kernel of rank ${kernel.length} is not implemented`);
  const groups = job.node.attributes.int('group', 1);
  if (groups < 1 || outputChannels % groups !== 0)
    return refuse(`${groups} groups do not divide its channels`);
  // A row is an image of height 1.
  const [kernelHeight, kernelWidth] = second === undefined ? [1, first] : [first, second];
  const depthwise = groups > 1 && channelsPerGroup === 1 && outputChannels === groups;
  return { outputChannels, channelsPerGroup, kernel, kernelHeight, kernelWidth, groups, depthwise };
}

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

/**
 * Shares the rows of a convolution out; `argsOf` is given the address of a geometry that says which.
 *
 * @param weights - how many an output pixel is computed from; absent: all
 */
export function splitRows(
  recorder: Recorder,
  kernel: AnyKernelName,
  geometry: Geometry,
  argsOf: (geometry: number) => readonly Argument[],
  weights?: number,
): void {
  // A row of pixels where they do not see each other: 13 rows are cut into 8 and 5, or 7 and 6, 169 pixels into halves.
  const shape = isPointwise(geometry) ? asPixels(geometry) : geometry;
  const { batch, outputHeight, outputWidth, outputChannels, kernelHeight, kernelWidth } = shape;
  const products = (shape.inputChannels / shape.groups) * kernelHeight * kernelWidth;
  const rows = batch * outputHeight;
  const macs = rows * outputWidth * (weights ?? outputChannels * products);
  const depthwise = shape.groups > 1 && products === kernelHeight * kernelWidth;
  const sharing = {
    // A product of a depthwise kernel takes as long as six of others.
    ...(depthwise ? { leastMacs: 35_000 } : {}),
    // 64 pixels: weights are read once for some 4 of them, and lines of input are prepared once a part.
    leastRows: Math.ceil(64 / Math.max(outputWidth, 1)),
    // Winograd's tiles and pairs of lines; whole tiles of pixels, where that makes no part much larger than another.
    unit: kernelHeight > 1 ? 2 : rows > MANY_PIXELS ? TILE_PIXELS : 1,
  };
  recorder.split(kernel, rows, macs, (range) => argsOf(recorder.geometry(shape, range)), sharing);
}

/** What tiles of 4 and of 6 pixels fill. */
const TILE_PIXELS = 12;
const MANY_PIXELS = 40 * TILE_PIXELS;

/** Whether an output pixel reads the input pixel at its place, and no other. */
function isPointwise(g: Geometry): boolean {
  const { kernelHeight, kernelWidth, strideHeight, strideWidth } = g;
  if (kernelHeight * kernelWidth * strideHeight * strideWidth !== 1) return false;
  // Padding at an end adds outputs: all that is compared.
  return g.padTop + g.padLeft === 0 && g.outputHeight === g.inputHeight && g.outputWidth === g.inputWidth;
}

/** The same pixels in one column of one image. */
function asPixels(geometry: Geometry): Geometry {
  const pixels = geometry.batch * geometry.outputHeight * geometry.outputWidth;
  return { ...geometry, batch: 1, inputHeight: pixels, inputWidth: 1, outputHeight: pixels, outputWidth: 1 };
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

/** Where the kernel stands on an input, whose channels must be those of the weights. */
export function placing({ node }: Job, shape: ConvShape, window: Window): (input: Activation) => Placement {
  const channels = shape.channelsPerGroup * shape.groups;
  return ({ dims }) => {
    if (dims[1] !== channels) {
      throw new ShapeError({
        what: `Conv got an input of shape [${dims.join(', ')}], its weights are for ${channels} channels.`,
        where: `node "${node.name}"`,
      });
    }
    return placeWindow(node, window, dims, shape.outputChannels, shape.groups);
  };
}
