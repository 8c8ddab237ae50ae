import type { Tensor } from '@espalier/core';
import { type ChannelCounts, convolve, convolveTransposed } from './convolution.js';
import { numbersFor, numbersOf, tensorFrom } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { optional, required, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { floatTypes } from './type-sets.js';
import { extentOf, readGeometry, readWindow, toTriple, type Window } from './window.js';

/** Float convolutions over one to three spatial axes. */
export const convolutions: OperatorFamily = {
  Conv: { types: floatTypes, required: 2, run: (inputs, call) => [conv(inputs, call)] },
  ConvTranspose: { types: floatTypes, required: 2, run: (inputs, call) => [convTranspose(inputs, call)] },
};

function conv(inputs: Inputs, call: NamedCall): Tensor {
  const [x, weights, bias] = [required(inputs, 0, call), required(inputs, 1, call), optional(inputs, 2)];
  sameTypes(x, [weights, bias], call);
  const shape = convShape(x.dims, weights.dims, bias, call);
  const out = numbersFor(x.type, shape.dims, call);
  convolve(numbersOf(x), numbersOf(weights), bias && numbersOf(bias), out, shape.counts, shape.window);
  return tensorFrom(x.type, out, shape.dims);
}

export interface ConvShape {
  readonly dims: readonly number[];
  readonly counts: ChannelCounts;
  readonly window: Window;
}

/** Shapes of a convolution of x [N, C, ...] with weights [M, C / group, ...]. */
export function convShape(
  x: readonly number[],
  weights: readonly number[],
  bias: Tensor | null,
  call: NamedCall,
): ConvShape {
  const [batch, input, ...spatial] = x;
  const [output, perGroup, ...kernel] = weights;
  const groups = call.attributes.int('group', 1);
  if (batch === undefined || input === undefined || output === undefined || perGroup === undefined) {
    throw shapeError(call, `shapes ${shown(x)} and ${shown(weights)} lack a batch or channel axis.`);
  }
  if (groups < 1 || perGroup * groups !== input || output % groups !== 0) {
    throw shapeError(call, `weights ${shown(weights)} in ${groups} groups do not fit an input ${shown(x)}.`);
  }
  checkKernel(kernel, call);
  checkBias(bias, output, call);
  const window = readWindow(call, spatial, kernel);
  const dims = [batch, output, ...window.outputDims];
  return { dims, counts: { batch, input, output, groups }, window };
}

function convTranspose(inputs: Inputs, call: NamedCall): Tensor {
  const [x, weights, bias] = [required(inputs, 0, call), required(inputs, 1, call), optional(inputs, 2)];
  sameTypes(x, [weights, bias], call);
  const [batch, input, ...spatial] = x.dims;
  const [rows, perGroup, ...kernel] = weights.dims;
  const groups = call.attributes.int('group', 1);
  if (batch === undefined || input === undefined || perGroup === undefined || rows !== input) {
    throw shapeError(call, `weights ${shown(weights.dims)} do not fit an input ${shown(x.dims)}.`);
  }
  if (groups < 1 || input % groups !== 0)
    throw shapeError(call, `${groups} groups do not divide ${input} channels.`);
  const output = perGroup * groups;
  checkKernel(kernel, call);
  checkBias(bias, output, call);
  const window = transposedWindow(call, spatial, kernel);
  const dims = [batch, output, ...window.outputDims];
  const out = numbersFor(x.type, dims, call);
  const counts: ChannelCounts = { batch, input, output, groups };
  convolveTransposed(numbersOf(x), numbersOf(weights), bias && numbersOf(bias), out, counts, window.window);
  return tensorFrom(x.type, out, dims);
}

interface TransposedWindow {
  readonly outputDims: readonly number[];
  /** Of the convolution that this one transposes. */
  readonly window: Window;
}

/** Output sizes and pads by the equations of ONNX ConvTranspose, opset 22. */
function transposedWindow(
  call: NamedCall,
  spatial: readonly number[],
  kernel: readonly number[],
): TransposedWindow {
  const { strides, dilations, pads } = readGeometry(call, spatial, kernel);
  const rank = spatial.length;
  const extra = call.attributes.ints('output_padding', new Array<number>(rank).fill(0));
  const autoPad = call.attributes.string('auto_pad', 'NOTSET');
  const same = autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER';
  const wanted =
    call.attributes.ints('output_shape')?.slice(-rank) ??
    (same ? spatial.map((size, i) => size * (strides[i] ?? 1)) : undefined);
  const before: number[] = [];
  const outputDims = spatial.map((size, i) => {
    const full =
      (strides[i] ?? 1) * (size - 1) + (extra[i] ?? 0) + extentOf(kernel[i] ?? 1, dilations[i] ?? 1);
    if (wanted === undefined) {
      const padded = autoPad === 'VALID' ? [0, 0] : [pads[i] ?? 0, pads[i + rank] ?? 0];
      before.push(padded[0] ?? 0);
      return full - (padded[0] ?? 0) - (padded[1] ?? 0);
    }
    const target = wanted[i] ?? 0;
    // A target beyond the full size is filled with zeros at the end: there is nothing to cut.
    const total = Math.max(0, full - target);
    const half = Math.floor(total / 2);
    before.push(autoPad === 'SAME_UPPER' ? half : total - half);
    return target;
  });
  if (outputDims.some((size) => size < 0))
    throw shapeError(call, `the pads cut all of ${shown(spatial)} away.`);
  const window: Window = {
    input: toTriple(outputDims, 1),
    kernel: toTriple(kernel, 1),
    stride: toTriple(strides, 1),
    dilation: toTriple(dilations, 1),
    before: toTriple(before, 0),
    after: [0, 0, 0],
    output: toTriple(spatial, 1),
    outputDims: spatial,
  };
  return { outputDims, window };
}

function checkKernel(kernel: readonly number[], call: NamedCall): void {
  const said = call.attributes.ints('kernel_shape');
  if (said !== undefined && shown(said) !== shown(kernel)) {
    throw shapeError(call, `kernel_shape is ${shown(said)}, the weights' is ${shown(kernel)}.`);
  }
}

function checkBias(bias: Tensor | null, channels: number, call: NamedCall): void {
  if (bias !== null && (bias.dims.length !== 1 || bias.size !== channels)) {
    throw shapeError(call, `the bias is of shape ${shown(bias.dims)}, [${channels}] is expected.`);
  }
}

function sameTypes(x: Tensor, others: readonly (Tensor | null)[], call: NamedCall): void {
  for (const other of others) {
    if (other !== null && other.type !== x.type) {
      throw unsupported(call, `inputs of types ${x.type} and ${other.type} do not mix.`);
    }
  }
}
