import { ShapeError } from '@espalier/core';
import type { Geometry } from '@espalier/kernels';
import type { Activation } from '../memory/activation.js';
import type { AnyKernelName } from '../memory/workspace.js';
import { type Job, type Refusal, refuse } from '../plan/job.js';
import type { Argument } from '../tape/block.js';
import type { Recorder } from '../tape/recorder.js';
import { type Placement, placeWindow, type Window } from './window.js';

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

/**
 * Shares the rows of a convolution out; `argsOf` is given the address of a geometry that says which.
 *
 * @param options.weights - how many an output pixel is computed from; absent: all
 * @param options.seesImages - the kernel has to know which image a pixel is of
 */
export function splitRows(
  recorder: Recorder,
  kernel: AnyKernelName,
  geometry: Geometry,
  argsOf: (geometry: number) => readonly Argument[],
  options: { readonly weights?: number; readonly seesImages?: boolean } = {},
): void {
  // A row of pixels where they do not see each other: 13 rows are cut into 8 and 5, or 7 and 6, 169 pixels into halves.
  const { weights, seesImages = false } = options;
  const shape = !seesImages && isPointwise(geometry) ? asPixels(geometry) : geometry;
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
