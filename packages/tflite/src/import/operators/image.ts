import { int, ints, string } from '@espalier/core';
import { channelsFirst } from '../../axes.js';
import type { ResizeOptions } from '../../schema/options.js';
import type { OperatorContext, Translate } from '../operator-context.js';
import { keepImage } from './convolution.js';
import { assertImages, lengths, windowAttributes } from './window.js';

/** AVERAGE_POOL_2D and MAX_POOL_2D. Padding does not count in a mean. */
export function pool(op: 'AveragePool' | 'MaxPool'): Translate {
  return (context) => {
    const [x, y] = [context.input(0), context.output()];
    const options = context.options('Pool2D');
    assertImages(context, x);
    const kernel = lengths(context, options.filterH, options.filterW);
    const attributes = windowAttributes(context, x, kernel, options);
    const value = context.apply(op, [context.value(x, channelsFirst)], { attributes, grid: context.grid(y) });
    keepImage(context, y, value, options.activation);
  };
}

export const resizeBilinear: Translate = (context) => {
  resize(context, 'linear', context.options('ResizeBilinear'));
};

export const resizeNearest: Translate = (context) => {
  resize(context, 'nearest', context.options('ResizeNearestNeighbor'));
};

/** @see ResizeBilinear and ResizeNearestNeighbor in tensorflow/lite/kernels/internal/reference */
function resize(
  context: OperatorContext,
  mode: string,
  { alignCorners, halfPixelCenters }: ResizeOptions,
): void {
  const [x, y] = [context.input(0), context.output()];
  assertImages(context, x, y);
  const [height = 0, width = 0] = context.numbers(1);
  const [batch, channels] = [x.openDims[0], x.dims[3] ?? 0];
  const coordinates = alignCorners ? 'align_corners' : halfPixelCenters ? 'half_pixel' : 'asymmetric';
  const attributes = {
    mode: string(mode),
    coordinate_transformation_mode: string(coordinates),
    // To the pixel that a place lies in: half a pixel is added before it is cut off.
    ...(mode === 'nearest'
      ? { nearest_mode: string(coordinates === 'asymmetric' ? 'floor' : 'round_prefer_ceil') }
      : {}),
  };
  const image = context.value(x, channelsFirst);
  const grid = context.grid(y);
  // An open batch has no size to give: only height and width are resized then.
  const isOpen = typeof batch !== 'number';
  const sizes = context.maker.int64(isOpen ? [height, width] : [batch, channels, height, width]);
  const axes = isOpen ? { axes: ints([2, 3]) } : {};
  const value = context.apply('Resize', [image, null, null, sizes], {
    attributes: { ...attributes, ...axes },
    grid,
  });
  keepImage(context, y, value);
}

/** The channels of a pixel are counted block by block, as in the mode DCR. */
export function moveBlocks(op: 'DepthToSpace' | 'SpaceToDepth'): Translate {
  return (context) => {
    const [x, y] = [context.input(0), context.output()];
    assertImages(context, x, y);
    const { blockSize } = context.options(op);
    if (blockSize < 1) throw context.broken(`Its blocks are of size ${blockSize}.`);
    const mode = op === 'DepthToSpace' ? { mode: string('DCR') } : {};
    const value = context.apply(op, [context.value(x, channelsFirst)], {
      attributes: { blocksize: int(blockSize), ...mode },
      grid: context.grid(y),
    });
    keepImage(context, y, value);
  };
}
