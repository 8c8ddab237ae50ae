import { Tensor } from '@espalier/core';
import { type Numbers, numbersFor, numbersOf, storageFor, tensorFrom } from './elements.js';
import { modelError, shapeError } from './failures.js';
import { required, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorDefinition, OperatorFamily, Outputs } from './operator.js';
import { floatTypes } from './type-sets.js';
import { readWindow, volumeOf, type Window } from './window.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Reduces the elements of `x` at the first `count` of `offsets`. `cells` is the window's size, padding included. */
type WindowReducer = (x: Numbers, offsets: Int32Array, count: number, cells: number) => number;

/** Pooling over one to three spatial axes. */
export const pools: OperatorFamily = {
  AveragePool: pooling((call) => {
    const includePad = call.attributes.int('count_include_pad', 0) !== 0;
    return (x, offsets, count, cells) => sum(x, offsets, count) / (includePad ? cells : count);
  }),
  LpPool: pooling((call) => powerMean(call.attributes.int('p', 2))),
  MaxPool: { types: ['float32', 'float64', 'float16', 'int8', 'uint8'], run: maxPool },
  GlobalAveragePool: global(() => (x, offsets, count) => sum(x, offsets, count) / count),
  GlobalLpPool: global((call) => powerMean(call.attributes.int('p', 2))),
  GlobalMaxPool: global(() => (x, offsets, count) => x[offsets[greatest(x, offsets, count)]!]!),
};

function sum(x: Numbers, offsets: Int32Array, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += x[offsets[i]!]!;
  return total;
}

/** The p-norm of the window; padding counts as zeros. */
function powerMean(p: number): WindowReducer {
  return (x, offsets, count) => {
    let total = 0;
    for (let i = 0; i < count; i++) total += Math.abs(x[offsets[i]!]!) ** p;
    return total ** (1 / p);
  };
}

/** Which of the offsets has the greatest element, the first among equals; NaN beats all. */
function greatest(x: Numbers, offsets: Int32Array, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) {
    const value = x[offsets[i]!]!;
    const champion = x[offsets[best]!]!;
    if (value > champion || (Number.isNaN(value) && !Number.isNaN(champion))) best = i;
  }
  return best;
}

function pooling(reducerFor: (call: NamedCall) => WindowReducer): OperatorDefinition {
  return {
    types: floatTypes,
    run(inputs, call) {
      const x = required(inputs, 0, call);
      const { dims, planes, window } = poolShape(x, call);
      const out = numbersFor(x.type, dims, call);
      const values = numbersOf(x);
      const reduce = reducerFor(call);
      eachWindow(window, planes, (at, offsets, count, cells) => {
        out[at] = reduce(values, offsets, count, cells);
      });
      return [tensorFrom(x.type, out, dims)];
    },
  };
}

function global(reducerFor: (call: NamedCall) => WindowReducer): OperatorDefinition {
  return {
    types: floatTypes,
    run(inputs, call) {
      const x = required(inputs, 0, call);
      const dims = x.dims.map((dim, axis) => (axis < 2 ? dim : 1));
      if (dims.length < 2)
        throw shapeError(call, `the input has shape ${shown(x.dims)}, [N, C, ...] is expected.`);
      const out = numbersFor(x.type, dims, call);
      const values = numbersOf(x);
      const reduce = reducerFor(call);
      const size = out.length === 0 ? 0 : x.size / out.length;
      const offsets = Int32Array.from({ length: size }, (_, i) => i);
      for (let plane = 0; plane < out.length; plane++) {
        out[plane] = reduce(values.subarray(plane * size, (plane + 1) * size), offsets, size, size);
      }
      return [tensorFrom(x.type, out, dims)];
    },
  };
}

/** The second output holds where each maximum lies in the whole input, counted row or column first. */
function maxPool(inputs: Inputs, call: NamedCall): Outputs {
  const x = required(inputs, 0, call);
  const { dims, planes, window } = poolShape(x, call);
  const out = numbersFor(x.type, dims, call);
  const values = numbersOf(x);
  const wanted = call.outputs[1] === true;
  const indices = storageFor('int64', wanted ? dims : [0], call) as BigInt64Array;
  const columnFirst = call.attributes.int('storage_order', 0) !== 0;
  const lowest = x.type === 'int8' ? -128 : x.type === 'uint8' ? 0 : -Infinity;
  eachWindow(window, planes, (at, offsets, count) => {
    const best = offsets[greatest(values, offsets, count)]!;
    out[at] = count === 0 ? lowest : values[best]!;
    if (wanted) indices[at] = BigInt(columnFirst ? columnFirstIndex(best, window) : best);
  });
  return [tensorFrom(x.type, out, dims), wanted ? new Tensor('int64', indices, dims) : null];
}

/** The index of an element were each plane stored with its first spatial axis moving fastest. */
function columnFirstIndex(index: number, window: Window): number {
  const [depth, height, width] = window.input;
  const plane = Math.floor(index / volumeOf(window.input));
  const c = index % width;
  const r = Math.floor(index / width) % height;
  const d = Math.floor(index / (width * height)) % depth;
  return ((plane * width + c) * height + r) * depth + d;
}

interface PoolShape {
  readonly dims: readonly number[];
  /** Planes to pool: batch times channels. */
  readonly planes: number;
  readonly window: Window;
}

function poolShape(x: Tensor, call: NamedCall): PoolShape {
  const [batch, channels, ...spatial] = x.dims;
  const kernel = call.attributes.ints('kernel_shape');
  if (batch === undefined || channels === undefined) {
    throw shapeError(call, `the input has shape ${shown(x.dims)}, [N, C, ...] is expected.`);
  }
  if (kernel === undefined) throw modelError(call, 'attribute "kernel_shape" is missing.');
  const window = readWindow(call, spatial, kernel);
  return { dims: [batch, channels, ...window.outputDims], planes: batch * channels, window };
}

type WindowVisitor = (at: number, offsets: Int32Array, count: number, cells: number) => void;

/**
 * Visits each output element with the offsets of the input elements under its window; `offsets` is
 * reused. `cells` counts padding too, but not what a ceiled output reaches beyond it.
 */
function eachWindow(window: Window, planes: number, visit: WindowVisitor): void {
  const [height, width] = [window.input[1], window.input[2]];
  const [depthSpans, rowSpans, columnSpans] = ([0, 1, 2] as const).map((axis) => spansOf(window, axis));
  const [stepD, stepR, stepC] = window.dilation;
  const planeSize = volumeOf(window.input);
  // No window covers more than the whole plane, however large the kernel.
  const offsets = new Int32Array(Math.min(planeSize, volumeOf(window.kernel)));
  let at = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (const depths of depthSpans!) {
      for (const rows of rowSpans!) {
        for (const columns of columnSpans!) {
          let count = 0;
          for (let d = 0; d < depths.count; d++) {
            const slice = plane * planeSize + (depths.first + d * stepD) * height * width;
            for (let r = 0; r < rows.count; r++) {
              const row = slice + (rows.first + r * stepR) * width + columns.first;
              for (let c = 0; c < columns.count; c++) offsets[count++] = row + c * stepC;
            }
          }
          visit(at++, offsets, count, depths.cells * rows.cells * columns.cells);
        }
      }
    }
  }
}

/** Where the window falls along one axis: its first tap inside the input, and how many are inside. */
interface Span {
  readonly first: number;
  readonly count: number;
  /** Taps on the input or its padding. */
  readonly cells: number;
}

/** One for each output position along an axis. */
function spansOf(window: Window, axis: 0 | 1 | 2): Span[] {
  const [size, before, after] = [window.input[axis], window.before[axis], window.after[axis]];
  const [kernel, dilation] = [window.kernel[axis], window.dilation[axis]];
  return Array.from({ length: window.output[axis] }, (_, position) => {
    const start = position * window.stride[axis] - before;
    // How many taps lie before a coordinate.
    const tapsBefore = (coordinate: number) =>
      Math.min(kernel, Math.max(0, Math.ceil((coordinate - start) / dilation)));
    const skipped = tapsBefore(0);
    const count = tapsBefore(size) - skipped;
    return { first: start + skipped * dilation, count, cells: tapsBefore(size + after) };
  });
}
