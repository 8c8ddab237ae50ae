import { int, tensorOf, type Value } from '@espalier/core';
import type { SourceOp } from '../source-op.js';
import type { Adapter, AdapterTable } from './adapter.js';

/** `axes` became an input. An empty or absent list means all dimensions. */
function axesToInput(node: SourceOp): void {
  const axes = node.ints('axes');
  const input = axes === null || axes.length === 0 ? null : node.constantInts(axes, 'axes');
  node.finish(node.op, [node.need(0), input], node.without('axes'));
}

/** @see ONNX Slice-1 */
function slice(node: SourceOp): void {
  const starts = node.needInts('starts');
  const ends = node.needInts('ends');
  const axes = node.ints('axes');
  if (starts.length !== ends.length || (axes !== null && axes.length !== starts.length)) {
    throw node.malformed(
      `${starts.length} starts, ${ends.length} ends and ${axes?.length ?? 0} axes do not fit.`,
    );
  }
  node.finish(
    'Slice',
    [
      node.need(0),
      node.constantInts(starts, 'starts'),
      node.constantInts(ends, 'ends'),
      axes === null ? null : node.constantInts(axes, 'axes'),
    ],
    {},
  );
}

/** The bounds became inputs, of the type of the data. @see ONNX Clip-6 */
function clip(node: SourceOp): void {
  const bound = (name: string): Value | null => {
    const value = node.attributes.float(name);
    return value === undefined ? null : node.constant(tensorOf(node.dtype(0), [value], []), name);
  };
  node.finish('Clip', [node.need(0), bound('min'), bound('max')], {});
}

/** @see ONNX Pad-1 (`paddings`) and Pad-2 (`pads`) */
function padFrom(attribute: string): Adapter {
  return (node) => {
    const value = node.attributes.float('value', 0);
    node.finish(
      'Pad',
      [
        node.need(0),
        node.constantInts(node.needInts(attribute), 'pads'),
        value === 0 ? null : node.constant(tensorOf(node.dtype(0), [value], []), 'value'),
      ],
      node.without(attribute, 'value'),
    );
  };
}

/** @see ONNX Reshape-1 */
function reshape(node: SourceOp): void {
  node.finish('Reshape', [node.need(0), node.constantInts(node.needInts('shape'), 'shape')], {});
}

/** @see ONNX TopK-1 */
function topK(node: SourceOp): void {
  const k = node.attributes.int('k');
  if (k === undefined) throw node.malformed('The attribute "k" is missing.');
  node.finish('TopK', [node.need(0), node.constantInts([k], 'k')], node.without('k'));
}

/**
 * Before opset 13 the lengths were an attribute. Before 18 equal parts needed no attribute: the number
 * of outputs said it.
 */
function split(node: SourceOp): void {
  const lengths = node.ints('split');
  const input =
    lengths === null || lengths.length === 0 ? splitInput(node) : node.constantInts(lengths, 'split');
  const attributes = node.without('split');
  node.finish(
    'Split',
    [node.need(0), input],
    input === null ? attributes.with({ num_outputs: int(node.outputCount) }) : attributes,
  );
}

/** In opset 1 the lengths could come as numbers of the data's own type. */
function splitInput(node: SourceOp): Value | null {
  const value = node.input(1);
  if (value === null || node.opset >= 13) return value;
  const lengths = node.constantInput(1);
  if (lengths === null) throw node.unsupported('the lengths of the parts are computed');
  return node.constantInts(Array.from(lengths.data, Number), 'split');
}

function splitFirst(node: SourceOp): void {
  if (!node.attributes.has('axis')) throw node.unsupported('opset 1 does not say along which axis');
  split(node);
}

/** @see ONNX Tile-1: copies along one axis, both as inputs of the data's own type */
function tile(node: SourceOp): void {
  const [tiles, axis] = [node.constantInput(1), node.constantInput(2)].map((t) => Number(t?.data[0] ?? NaN));
  const rank = node.needRank(0);
  if (tiles === undefined || axis === undefined || !Number.isInteger(tiles) || !(axis >= 0 && axis < rank)) {
    throw node.unsupported('its tiles and axis are no constants');
  }
  const repeats = new Array<number>(rank).fill(1);
  repeats[axis] = tiles;
  node.finish('Tile', [node.need(0), node.constantInts(repeats, 'repeats')], {});
}

const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'];

export const attributesToInputsAdapters: AdapterTable = {
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, [{ before: 18, adapt: axesToInput }]])),
  ReduceSum: [{ before: 13, adapt: axesToInput }],
  Squeeze: [{ before: 13, adapt: axesToInput }],
  Unsqueeze: [{ before: 13, adapt: axesToInput }],
  Slice: [{ before: 10, adapt: slice }],
  Clip: [{ before: 11, adapt: clip }],
  Pad: [
    { before: 2, adapt: padFrom('paddings') },
    { before: 11, adapt: padFrom('pads') },
  ],
  Reshape: [{ before: 5, adapt: reshape }],
  TopK: [{ before: 10, adapt: topK }],
  Split: [
    { before: 2, adapt: splitFirst },
    { before: 18, adapt: split },
  ],
  Tile: [{ before: 6, adapt: tile }],
};
