import { type Attribute, ints, string } from '@espalier/core';
import type { WindowOptions } from '../../schema/options.js';
import type { FileTensor } from '../file-graph.js';
import type { OperatorContext } from '../operator-context.js';

/** SAME; the other one is VALID. */
const same = 0;

/** Height before width. */
export type Pair = readonly [height: number, width: number];

/** @throws {FormatError} where a length is not positive */
export function lengths(context: OperatorContext, height: number, width: number): Pair {
  if (height < 1 || width < 1)
    throw context.broken(`It has a stride, dilation or window of ${height} x ${width}.`);
  return [height, width];
}

/** The attributes of ONNX that say how a window slides over an image of the file. */
export function windowAttributes(
  context: OperatorContext,
  image: FileTensor,
  kernel: Pair,
  { padding, strideH, strideW }: WindowOptions,
  dilations: Pair = [1, 1],
): Readonly<Record<string, Attribute>> {
  const strides = lengths(context, strideH, strideW);
  const plain = { kernel_shape: ints(kernel), strides: ints(strides) };
  const spread = dilations.some((dilation) => dilation !== 1) ? { dilations: ints(dilations) } : {};
  if (padding !== same) return { ...plain, ...spread };
  const sizes = image.openDims.slice(1, 3);
  // Sizes that are known at run time only leave it to the runtime.
  if (sizes.some((size) => typeof size !== 'number')) {
    return { ...plain, ...spread, auto_pad: string('SAME_UPPER') };
  }
  const pads = sizes.map((size, axis) =>
    samePadding(Number(size), (kernel[axis] ?? 1) - 1, strides[axis] ?? 1, dilations[axis] ?? 1),
  );
  const all = [...pads.map(([before]) => before), ...pads.map(([, after]) => after)];
  return { ...plain, ...spread, ...(all.some((pad) => pad > 0) ? { pads: ints(all) } : {}) };
}

/** So many results as strides begin in the image; what is missing stands on both sides, the odd one behind. */
function samePadding(
  size: number,
  steps: number,
  stride: number,
  dilation: number,
): readonly [number, number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + steps * dilation + 1 - size);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** @throws {FormatError} where a tensor is no batch of images */
export function assertImages(context: OperatorContext, ...tensors: readonly FileTensor[]): void {
  const other = tensors.find(({ dims }) => dims.length !== 4);
  if (other === undefined) return;
  throw context.broken(`It works on images of 4 dimensions; ${other.where} has ${other.dims.length}.`);
}
