import { int, ints, type Value } from '@espalier/core';
import { channelsFirst, type Order } from '../../axes.js';
import type { ConvOptions } from '../../schema/options.js';
import type { FileTensor } from '../file-graph.js';
import type { OperatorContext, Translate } from '../operator-context.js';
import { multiplied } from './hybrid.js';
import { assertSymmetric, assertWideSums, biasOf } from './weights.js';
import { assertImages, lengths, type Pair, windowAttributes } from './window.js';

/** Weights of [1, H, W, outputs] as [outputs, 1, H, W]. */
const depthwiseOrder: Order = [3, 0, 1, 2];

/** Of several groups where the weights take fewer channels than the image has. */
export const convolution: Translate = (context) => {
  const [x, weights] = [context.input(0), context.input(1)];
  assertImages(context, x, weights);
  const [channels = 0, taken = 0] = [x.dims[3], weights.dims[3]];
  if (taken < 1 || channels % taken !== 0) {
    throw context.broken(`Its weights take ${taken} channels, the image has ${channels}.`);
  }
  const options = context.options('Conv2D');
  assertWideSums(context, x, context.optional(2), options.quantizedBiasType);
  translate(context, options, channelsFirst, channels / taken);
};

export const depthwiseConvolution: Translate = (context) => {
  const [x, weights] = [context.input(0), context.input(1)];
  assertImages(context, x, weights);
  assertWideSums(context, x, context.optional(2), 0);
  translate(context, context.options('DepthwiseConv2D'), depthwiseOrder, x.dims[3] ?? 1);
};

function translate(context: OperatorContext, options: ConvOptions, order: Order, group: number): void {
  const [x, weights, y] = [context.input(0), context.input(1), context.output()];
  assertSymmetric(context, x, weights);
  const kernel = kernelOf(context, weights);
  const dilations = lengths(context, options.dilationH, options.dilationW);
  const attributes = {
    ...windowAttributes(context, x, kernel, options, dilations),
    ...(group === 1 ? {} : { group: int(group) }),
  };
  const image = context.value(x, channelsFirst);
  const isMatrix = group === 1 && order === channelsFirst;
  const isPointwise = isMatrix && [...kernel, options.strideH, options.strideW].every((size) => size === 1);
  const operands = [
    multiplied(context, x, weights, image, isPointwise ? [1] : [1, 2, 3]),
    context.value(weights, order),
    biasOf(context, x, weights, context.optional(2)),
  ];
  keepImage(
    context,
    y,
    context.apply('Conv', withoutNullTail(operands), { attributes, grid: context.grid(y) }),
    options.activation,
  );
}

/** Its inputs are the shape of its result, weights of [outputs, H, W, channels], the image. */
export const transposedConvolution: Translate = (context) => {
  const [weights, x, y] = [context.input(1), context.input(2), context.output()];
  const options = context.options('TransposeConv');
  assertImages(context, weights, x, y);
  assertSymmetric(context, x, weights);
  assertWideSums(context, x, context.optional(3), 0);
  const strides = lengths(context, options.strideH, options.strideW);
  const kernel = kernelOf(context, weights);
  const spans = [1, 2].map((axis) => {
    const [input, output] = [x.openDims[axis], y.openDims[axis]];
    if (typeof input !== 'number' || typeof output !== 'number') {
      throw context.unsupported('the height and width of its images are known at run time only');
    }
    const [stride, size] = [strides[axis - 1] ?? 1, kernel[axis - 1] ?? 1];
    // What the convolution that it undoes would pad.
    const total = Math.max(0, (Math.ceil(output / stride) - 1) * stride + size - output);
    const before = options.padding === 0 ? Math.floor(total / 2) : 0;
    return { before, after: stride * (input - 1) + size - before - output };
  });
  const longer = spans.map(({ after }) => Math.max(-after, 0));
  const attributes = {
    kernel_shape: ints(kernel),
    strides: ints(strides),
    pads: ints([...spans.map(({ before }) => before), ...spans.map(({ after }) => Math.max(after, 0))]),
    ...(longer.some((length) => length > 0) ? { output_padding: ints(longer) } : {}),
  };
  const operands = [
    multiplied(context, x, weights, context.value(x, channelsFirst), [1, 2, 3]),
    context.value(weights, [3, 0, 1, 2]),
    biasOf(context, x, weights, context.optional(3)),
  ];
  const value = context.apply('ConvTranspose', withoutNullTail(operands), {
    attributes,
    grid: context.grid(y),
  });
  keepImage(context, y, value, options.activation);
};

/** Keeps a result of [N, C, H, W], behind its fused activation. */
export function keepImage(context: OperatorContext, y: FileTensor, value: Value, activation = 0): void {
  context.keep(y, context.activated(value, context.grid(y), activation), channelsFirst);
}

function kernelOf(context: OperatorContext, { dims }: FileTensor): Pair {
  return lengths(context, dims[1] ?? 0, dims[2] ?? 0);
}

function withoutNullTail(operands: readonly (Value | null)[]): readonly (Value | null)[] {
  return operands.at(-1) === null ? operands.slice(0, -1) : operands;
}
