import { type Dim, unknownDim } from '../../ir/value-type.js';
import type { DataType } from '../../tensor/data-type.js';
import { type Dims, dimsDiffer, printDims } from '../dims.js';
import { type NodeView, unknownDims } from '../node-view.js';
import type { ShapeRule, ShapeRules } from '../rule.js';
import { kernelDims, reach, readWindows, windowCount } from '../window-geometry.js';

/** Where an operator of the Conv family has its operands. */
interface Operands {
  readonly weights: number;
  readonly bias: number | null;
  readonly least: number;
  readonly dtype: (view: NodeView) => DataType | null;
}

function convolution(operands: Operands): ShapeRule {
  return {
    least: operands.least,
    infer: (view) => [{ dtype: operands.dtype(view), dims: convDims(view, operands) }],
  };
}

function convDims(view: NodeView, operands: Operands): Dims | null {
  const input = view.dims(0);
  const weights = view.dims(operands.weights);
  checkRanks(view, input, weights);
  const group = view.attributes.int('group', 1);
  const channels = weights?.[1];
  if (typeof channels === 'number' && dimsDiffer(input?.[1], channels * group)) {
    throw view.fail(
      `The input has ${input?.[1]} channels, weights ${printDims(weights)} in ${group} group(s) take ${channels * group}.`,
      'Feed the channels that the weights were trained for.',
    );
  }
  checkGroups(view, weights?.[0], group);
  if (operands.bias !== null) checkBias(view, operands.bias, weights?.[0]);
  const rank = input?.length ?? weights?.length;
  if (rank === undefined) return null;
  const spatial = input?.slice(2) ?? unknownDims(rank - 2);
  return [input?.[0] ?? unknownDim, weights?.[0] ?? unknownDim, ...slide(view, spatial, weights)];
}

function checkRanks(view: NodeView, input: Dims | null, weights: Dims | null): void {
  const ranks = [input?.length, weights?.length].filter((rank) => rank !== undefined);
  if (ranks.some((rank) => rank < 3) || new Set(ranks).size > 1) {
    throw view.fail(
      `An input ${printDims(input)} does not fit weights ${printDims(weights)}.`,
      'Both have the same rank, 3 or more.',
    );
  }
}

function checkGroups(view: NodeView, outputs: Dim | undefined, group: number): void {
  if (group >= 1 && (typeof outputs !== 'number' || outputs % group === 0)) return;
  throw view.fail(`${outputs} output channels do not make ${group} groups.`);
}

function checkBias(view: NodeView, index: number, channels: Dim | undefined): void {
  const bias = view.dims(index);
  if (bias === null || (bias.length === 1 && !dimsDiffer(bias[0], channels))) return;
  throw view.fail(`A bias ${printDims(bias)} does not fit ${channels} output channels.`);
}

function slide(view: NodeView, spatial: Dims, weights: Dims | null): Dims {
  const kernel = kernelDims(view, weights);
  const windows = kernel === null ? null : readWindows(view, kernel, view.attributes);
  if (kernel !== null && kernel.length !== spatial.length) {
    throw view.fail(`A kernel ${printDims(kernel)} does not fit ${spatial.length} spatial axes.`);
  }
  if (windows === null) return unknownDims(spatial.length);
  return windows.axes.map((axis, i) => windowCount(view, spatial[i] ?? unknownDim, axis, windows));
}

const pool: ShapeRule = {
  infer(view) {
    const dims = view.dims(0);
    const kernel = kernelDims(view, null);
    if (kernel === null) throw view.broken('kernel_shape is missing.');
    if (dims === null) return [{ dtype: view.dtype(0), dims: null }];
    const pooled = [...dims.slice(0, 2), ...slide(view, dims.slice(2), null)];
    return [
      { dtype: view.dtype(0), dims: pooled },
      { dtype: 'int64', dims: pooled },
    ];
  },
};

const globalPool: ShapeRule = {
  infer(view) {
    const dims = view.dims(0);
    const pooled = dims === null ? null : dims.map((dim, i) => (i < 2 ? dim : 1));
    return [{ dtype: view.dtype(0), dims: pooled }];
  },
};

const convTranspose: ShapeRule = {
  least: 2,
  infer: (view) => [{ dtype: view.dtype(0), dims: transposedDims(view) }],
};

function transposedDims(view: NodeView): Dims | null {
  const input = view.dims(0);
  const weights = view.dims(1);
  checkRanks(view, input, weights);
  const group = view.attributes.int('group', 1);
  if (dimsDiffer(input?.[1], weights?.[0])) {
    throw view.fail(
      `The input has ${input?.[1]} channels, weights ${printDims(weights)} take ${weights?.[0]}.`,
      'Feed the channels that the weights were trained for.',
    );
  }
  checkGroups(view, weights?.[0], group);
  const perGroup = weights?.[1];
  const channels = typeof perGroup === 'number' ? perGroup * group : unknownDim;
  checkBias(view, 2, channels);
  if (input === null) return null;
  return [input[0] ?? unknownDim, channels, ...transposedSizes(view, input.slice(2), weights)];
}

/** @see ONNX ConvTranspose, opset 22 */
function transposedSizes(view: NodeView, spatial: Dims, weights: Dims | null): Dims {
  const given = view.attributes.ints('output_shape');
  if (given !== undefined) return given.slice(-spatial.length);
  const kernel = kernelDims(view, weights);
  const windows = kernel === null ? null : readWindows(view, kernel, view.attributes);
  if (windows === null) return unknownDims(spatial.length);
  const outputPadding = view.attributes.ints('output_padding', []);
  return windows.axes.map((axis, i) => {
    const size = spatial[i];
    if (typeof size !== 'number') return unknownDim;
    if (windows.autoPad.startsWith('SAME')) return size * axis.stride;
    const pads = windows.autoPad === 'NOTSET' ? axis.padBefore + axis.padAfter : 0;
    const count = axis.stride * (size - 1) + (outputPadding[i] ?? 0) + reach(axis) - pads;
    if (count < 0) throw view.fail(`Padding by ${pads} leaves ${count} elements.`);
    return count;
  });
}

export const convolutionRules: ShapeRules = {
  Conv: convolution({ weights: 1, bias: 2, least: 2, dtype: (view) => view.dtype(0) ?? view.dtype(1) }),
  ConvInteger: convolution({ weights: 1, bias: null, least: 2, dtype: () => 'int32' }),
  QLinearConv: convolution({ weights: 3, bias: 8, least: 8, dtype: (view) => view.dtype(7) }),
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
};
