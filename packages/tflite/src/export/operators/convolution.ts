import { AffineEncoding } from '@espalier/core';
import { channelsLast, type Order } from '../../axes.js';
import { isSymmetric } from '../hybrid.js';
import type { OperatorWriter, Write } from '../operator-writer.js';
import { giveSizes } from '../value-tensors.js';
import { biasTensor } from './bias.js';
import { kernelTensor } from './dynamic-range.js';
import { assertImages, kernelOf, pairOf, writeWindow } from './window.js';

/** Kernels of [outputs, channels, H, W] as [outputs, H, W, channels]. */
const kernelOrder: Order = [0, 2, 3, 1];
/** Those of single channels, [outputs, 1, H, W], as [1, H, W, outputs]. */
const depthwiseOrder: Order = [1, 2, 3, 0];

/** Kernels take weights without a zero point, with scales for each channel of the result or for all. */
export function hasSymmetricWeights(writer: OperatorWriter, axis: number): boolean {
  const weights = writer.optional(1)?.constant;
  if (!(weights instanceof AffineEncoding)) return false;
  const { quantization } = weights;
  return isSymmetric(quantization) && (quantization.axis === null || quantization.axis === axis);
}

export const writeConv: Write = (writer) => {
  assertImages(writer);
  const { node } = writer;
  const weights = writer.value(1);
  const [outputs, taken] = writer.dims(weights);
  const channels = writer.dims(writer.value(0))[1];
  const group = node.attributes.int('group', 1);
  if (typeof outputs !== 'number' || typeof channels !== 'number')
    throw writer.unsupported('its channels are not known', giveSizes);
  const isDepthwise = taken === 1 && group === channels && group > 1;
  const kernel = kernelOf(node, writer.dims(weights));
  const dilations = pairOf(writer, 'dilations');
  const { image, ...window } = writeWindow(writer, kernel, dilations, 'zero');
  const inputs = [
    image,
    kernelTensor(writer, 1, isDepthwise ? depthwiseOrder : kernelOrder, outputs),
    biasTensor(writer, outputs),
  ];
  const table = {
    ...window,
    activation: writer.result.activation,
    dilationH: dilations[0],
    dilationW: dilations[1],
  };
  if (isDepthwise) {
    const depthMultiplier = outputs / channels;
    writer.put('DEPTHWISE_CONV_2D', inputs, channelsLast, {
      name: 'DepthwiseConv2D',
      table: { ...table, depthMultiplier },
    });
  } else {
    writer.put('CONV_2D', inputs, channelsLast, {
      name: 'Conv2D',
      table: { ...table, quantizedBiasType: 0 },
    });
  }
};

/** A file says the shape of the result; its padding is that of the convolution which leads back. */
export const writeConvTranspose: Write = (writer) => {
  assertImages(writer);
  const { node } = writer;
  const weights = writer.value(1);
  const [, outputs] = writer.dims(weights);
  if (
    node.attributes.int('group', 1) !== 1 ||
    pairOf(writer, 'dilations').some((dilation) => dilation !== 1)
  ) {
    throw writer.unsupported('groups and dilations have no form');
  }
  const kernel = kernelOf(node, writer.dims(weights));
  const [strideH, strideW] = pairOf(writer, 'strides');
  const dims = writer.dims(writer.result.value);
  const [batch, , height, width] = dims;
  const [, , inputHeight, inputWidth] = writer.dims(writer.value(0));
  const sizes = [height, width, inputHeight, inputWidth].map(Number);
  if (typeof batch !== 'number' || sizes.some(Number.isNaN) || typeof outputs !== 'number') {
    throw writer.unsupported('the shape of its result is known at run time only', giveSizes);
  }
  const padding = paddingOf(writer, kernel, [strideH, strideW], sizes);
  const shape = [batch, sizes[0] ?? 0, sizes[1] ?? 0, outputs];
  const inputs = [
    writer.tensors.indices(shape, `${writer.result.value.name}_shape`),
    kernelTensor(writer, 1, [1, 2, 3, 0], outputs),
    writer.input(0, channelsLast),
    // This one may be without.
    ...(writer.optional(2) === null ? [] : [biasTensor(writer, outputs)]),
  ];
  writer.put('TRANSPOSE_CONV', inputs, channelsLast, {
    name: 'TransposeConv',
    table: { padding, strideH, strideW, activation: writer.result.activation },
  });
};

function paddingOf(
  writer: OperatorWriter,
  kernel: readonly number[],
  strides: readonly number[],
  sizes: readonly number[],
): number {
  const { attributes } = writer.node;
  const pads = attributes.ints('pads') ?? [0, 0, 0, 0];
  if (attributes.string('auto_pad', 'NOTSET') !== 'NOTSET') throw writer.unsupported('it pads automatically');
  const fits = (padding: number): boolean =>
    [0, 1].every((axis) => {
      const [output = 0, input = 0] = [sizes[axis], sizes[axis + 2]];
      const [stride = 1, size = 1] = [strides[axis], kernel[axis]];
      const windows = padding === 0 ? Math.ceil(output / stride) : Math.ceil((output - size + 1) / stride);
      const total = Math.max(0, (Math.ceil(output / stride) - 1) * stride + size - output);
      const before = padding === 0 ? Math.floor(total / 2) : 0;
      return windows === input && before === pads[axis];
    });
  const padding = [0, 1].find(fits);
  if (padding === undefined)
    throw writer.unsupported(`its padding [${pads.join(', ')}] is neither SAME nor VALID`);
  return padding;
}
