import { type Dim, unknownDim } from '../../ir/value-type.js';
import { type Dims, printDims } from '../dims.js';
import { type NodeView, unknownDims } from '../node-view.js';
import type { ShapeRule, ShapeRules } from '../rule.js';

const pad: ShapeRule = {
  least: 2,
  infer: (view) => [{ dtype: view.dtype(0), dims: paddedDims(view) }],
};

function paddedDims(view: NodeView): Dims | null {
  const dims = view.dims(0);
  if (dims === null) return null;
  const pads = view.contents(1);
  const given = view.has(3) ? view.numbers(3) : [...dims.keys()];
  if (given === null) return unknownDims(dims.length);
  const axes = view.axes(given, dims.length);
  if (pads !== null && pads.length !== 2 * axes.length) {
    throw view.fail(`${pads.length} pads do not fit ${axes.length} axes.`, 'Pass two for each axis.');
  }
  return dims.map((dim, axis) => {
    const at = axes.indexOf(axis);
    if (at < 0) return dim;
    const padding = [pads?.[at], pads?.[at + axes.length]];
    return padDim(view, dim, padding[0] ?? unknownDim, padding[1] ?? unknownDim);
  });
}

function padDim(view: NodeView, dim: Dim, before: Dim, after: Dim): Dim {
  if (typeof before !== 'number' || typeof after !== 'number') return unknownDim;
  if (before + after === 0) return dim;
  if (typeof dim !== 'number') return unknownDim;
  const size = dim + before + after;
  if (size < 0) throw view.fail(`Padding ${dim} elements by ${before} and ${after} leaves ${size}.`);
  return size;
}

const tile: ShapeRule = {
  least: 2,
  infer(view) {
    const dims = view.dims(0);
    const repeats = view.contents(1);
    if (dims === null) return [{ dtype: view.dtype(0), dims: null }];
    if (repeats !== null && repeats.length !== dims.length) {
      throw view.fail(`Repeats ${printDims(repeats)} do not fit ${printDims(dims)}.`);
    }
    return [{ dtype: view.dtype(0), dims: dims.map((dim, i) => tileDim(dim, repeats?.[i] ?? unknownDim)) }];
  },
};

function tileDim(dim: Dim, times: Dim): Dim {
  if (times === 1) return dim;
  return typeof dim === 'number' && typeof times === 'number' ? dim * times : unknownDim;
}

/** `Upsample`, of old opsets, has its scales as input 1; `Resize` as input 2, or sizes as input 3. */
function resize(scalesIndex: number, sizesIndex: number | null): ShapeRule {
  return {
    infer: (view) => [{ dtype: view.dtype(0), dims: resizedDims(view, scalesIndex, sizesIndex) }],
  };
}

function resizedDims(view: NodeView, scalesIndex: number, sizesIndex: number | null): Dims | null {
  const dims = view.dims(0);
  if (dims === null) return null;
  const axes = view.axes(view.attributes.ints('axes') ?? [...dims.keys()], dims.length);
  const fromSizes = sizesIndex !== null && view.has(sizesIndex) && view.length(sizesIndex) !== 0;
  const given = view.contents(fromSizes ? (sizesIndex ?? 0) : scalesIndex);
  if (given !== null && given.length !== axes.length) {
    throw view.fail(`${given.length} ${fromSizes ? 'sizes' : 'scales'} do not fit ${axes.length} axes.`);
  }
  const target = axes.map((axis, i) => {
    const size = dims[axis] ?? unknownDim;
    return fromSizes
      ? (given?.[i] ?? unknownDim)
      : scaledDim(size, given?.[i] ?? unknownDim, cropOf(view, i, axes));
  });
  const policy = view.attributes.string('keep_aspect_ratio_policy', 'stretch');
  const sizes =
    fromSizes && policy !== 'stretch'
      ? keepAspect(
          target,
          axes.map((axis) => dims[axis] ?? unknownDim),
          policy,
        )
      : target;
  return dims.map((dim, axis) => (axes.includes(axis) ? (sizes[axes.indexOf(axis)] ?? unknownDim) : dim));
}

/** The part of the input that is resized, as a fraction: 1 but for tf_crop_and_resize. */
function cropOf(view: NodeView, i: number, axes: readonly number[]): Dim {
  if (view.attributes.string('coordinate_transformation_mode') !== 'tf_crop_and_resize') return 1;
  const roi = view.numbers(1);
  const start = roi?.[i];
  const end = roi?.[i + axes.length];
  return start === undefined || end === undefined ? unknownDim : end - start;
}

/** Products are rounded to float32, as ONNX Runtime computes them: 10 * 0.7 is 7 there, not 6. */
function scaledDim(size: Dim, scale: Dim, crop: Dim): Dim {
  if (scale === 1 && crop === 1) return size;
  if (typeof size !== 'number' || typeof scale !== 'number' || typeof crop !== 'number') return unknownDim;
  return Math.floor(Math.fround(size * crop * Math.fround(scale)));
}

/** @see ONNX Resize, opset 19: one scale for all axes, sizes rounded half up */
function keepAspect(target: Dims, dims: Dims, policy: string): Dims {
  if (![...target, ...dims].every((dim) => typeof dim === 'number')) return unknownDims(target.length);
  const scales = target.map((size, i) => Number(size) / Number(dims[i]));
  const scale = policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales);
  return dims.map((dim) => Math.floor(scale * Number(dim) + 0.5));
}

const depthToSpace: ShapeRule = {
  infer: (view) => [{ dtype: view.dtype(0), dims: blockDims(view, (b) => [1 / (b * b), b]) }],
};

const spaceToDepth: ShapeRule = {
  infer: (view) => [{ dtype: view.dtype(0), dims: blockDims(view, (b) => [b * b, 1 / b]) }],
};

function blockDims(view: NodeView, factors: (blockSize: number) => readonly [number, number]): Dims | null {
  const dims = view.dims(0);
  const block = view.attributes.int('blocksize') ?? 0;
  if (block < 1) throw view.broken('blocksize is missing.');
  if (dims === null) return unknownDims(4);
  const [depth, space] = factors(block);
  return dims.map((dim, i) => {
    if (i === 0 || typeof dim !== 'number') return i === 0 ? dim : unknownDim;
    // Rounded: a third of 9 is not 3 in binary, and checked to be whole below.
    const size = dim * (i === 1 ? depth : space);
    if (Math.abs(size - Math.round(size)) > 1e-9)
      throw view.fail(`${dim} does not divide into blocks of ${block}.`);
    return Math.round(size);
  });
}

const gridSample: ShapeRule = {
  least: 2,
  infer(view) {
    const dims = view.dims(0);
    const grid = view.dims(1);
    if (dims === null || grid === null) return [{ dtype: view.dtype(0), dims: null }];
    return [{ dtype: view.dtype(0), dims: [...dims.slice(0, 2), ...grid.slice(1, -1)] }];
  },
};

export const resamplingRules: ShapeRules = {
  Pad: pad,
  Tile: tile,
  Resize: resize(2, 3),
  Upsample: resize(1, null),
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  GridSample: gridSample,
};
