import { channelsLast } from '../../axes.js';
import type { OperatorWriter, Write } from '../operator-writer.js';
import { giveSizes } from '../value-tensors.js';
import { assertImages, kernelOf, writeWindow } from './window.js';

export function writePool(name: 'AVERAGE_POOL_2D' | 'MAX_POOL_2D'): Write {
  return (writer) => {
    assertImages(writer);
    const { node } = writer;
    if ((node.attributes.ints('dilations') ?? []).some((dilation) => dilation !== 1)) {
      throw writer.unsupported('its window is dilated');
    }
    if (node.outputs.slice(1).some((output) => output !== null))
      throw writer.unsupported('it gives indices too');
    const kernel = kernelOf(node, []);
    const isMean = name === 'AVERAGE_POOL_2D';
    const counts = node.attributes.int('count_include_pad', 0) !== 0;
    const filler = isMean ? (counts ? 'zero' : 'nothing') : 'lowest';
    const { image, ...window } = writeWindow(writer, kernel, [1, 1], filler);
    if (isMean && counts && window.padding === 0)
      throw writer.unsupported('it counts padding as SAME does not');
    writer.put(name, [image], channelsLast, {
      name: 'Pool2D',
      table: { ...window, filterH: kernel[0], filterW: kernel[1], activation: writer.result.activation },
    });
  };
}

export const writeResize: Write = (writer) => {
  assertImages(writer);
  const { attributes } = writer.node;
  const mode = attributes.string('mode', 'nearest');
  const coordinates = attributes.string('coordinate_transformation_mode', 'half_pixel');
  const rounding = attributes.string('nearest_mode', 'round_prefer_floor');
  const [, , height, width] = writer.dims(writer.result.value);
  if (typeof height !== 'number' || typeof width !== 'number')
    throw writer.unsupported('its sizes are not known', giveSizes);
  assertWholeScales(writer, [height, width]);
  if (attributes.int('antialias', 0) !== 0) throw writer.unsupported('it smooths before it shrinks');
  const alignCorners = coordinates === 'align_corners';
  const halfPixelCenters = coordinates === 'half_pixel' || isHalfPixel(coordinates, height, width);
  const isNearest = mode === 'nearest';
  const known = alignCorners || halfPixelCenters || coordinates === 'asymmetric';
  const plainRounding = rounding === (coordinates === 'asymmetric' ? 'floor' : 'round_prefer_ceil');
  if (!known || !['nearest', 'linear'].includes(mode) || (isNearest && !plainRounding)) {
    throw writer.unsupported(`${mode}, ${coordinates}${isNearest ? `, ${rounding}` : ''} has no form`);
  }
  const size = writer.tensors.indices([height, width], `${writer.result.value.name}_size`);
  const table = { alignCorners, halfPixelCenters };
  writer.put(
    isNearest ? 'RESIZE_NEAREST_NEIGHBOR' : 'RESIZE_BILINEAR',
    [writer.input(0, channelsLast), size],
    channelsLast,
    { name: isNearest ? 'ResizeNearestNeighbor' : 'ResizeBilinear', table },
  );
};

/** A file knows sizes only: scales must be exactly theirs. */
function assertWholeScales(writer: OperatorWriter, sizes: readonly number[]): void {
  const scales = writer.numbers(2) ?? [];
  if (scales.length === 0) return;
  const spatial = scales.slice(-2);
  const given = writer.dims(writer.value(0)).slice(2);
  const fits = sizes.every((size, axis) => Number(given[axis]) * (spatial[axis] ?? 1) === size);
  if (!fits) throw writer.unsupported(`its scales [${scales.join(', ')}] do not give whole sizes`);
}

/** PyTorch's form differs from half_pixel for results of one pixel only. */
function isHalfPixel(coordinates: string, height: number, width: number): boolean {
  return coordinates === 'pytorch_half_pixel' && height > 1 && width > 1;
}

export function writeBlocks(name: 'DEPTH_TO_SPACE' | 'SPACE_TO_DEPTH'): Write {
  return (writer) => {
    assertImages(writer);
    const { attributes } = writer.node;
    if (attributes.string('mode', 'DCR') !== 'DCR') throw writer.unsupported('its mode CRD has no form');
    const table = { blockSize: attributes.int('blocksize', 1) };
    const options =
      name === 'DEPTH_TO_SPACE'
        ? ({ name: 'DepthToSpace', table } as const)
        : ({ name: 'SpaceToDepth', table } as const);
    writer.put(name, [writer.onResultGrid(writer.value(0), channelsLast)], channelsLast, options);
  };
}

export function imageAxes(writer: OperatorWriter): readonly number[] {
  return writer
    .dims(writer.value(0))
    .map((_, axis) => axis)
    .slice(2);
}
